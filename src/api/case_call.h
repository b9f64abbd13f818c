/* What the resources around cases share. */
#ifndef API_CASE_CALL_H
#define API_CASE_CALL_H

#include "api/api.h"
#include "park/case_act.h"
#include "park/case_view.h"

/* The call as park/ wants it: to act in a command, to read anywhere. */
struct case_env case_env_of(struct api_call *call, struct db_tx *tx);
struct case_reader case_reader_of(struct api_call *call);

/* The id in the path; ERR_NOT_FOUND if there is none. */
MUST_USE enum err case_path_id(struct api_call *call, int64_t *out);
/* Answers with the case's page; `r` is what the act before it gave. */
MUST_USE enum err case_reply(struct api_call *call, enum err r, int64_t case_id);

/* The rows of case_list as a JSON array. */
MUST_USE enum err case_rows_json(struct api_call *call, const struct case_filter *filter,
                                 struct str *out);

enum { CASE_READERS = ROLE_CONTACT | ROLE_STAFF };

#endif

/* What a form-js schema demands of what was filled in. */
#ifndef PARK_FORM_H
#define PARK_FORM_H

#include "park/service.h"

/* ERR_INVALID with the field "form.<key>" unless every answer fits its component and every required
 * component has one. Answers to nothing asked are refused. */
MUST_USE enum err form_check(const struct service *service, const struct json_value *answers);

/* The same for any form-js schema. */
MUST_USE enum err form_check_schema(const struct json_value *schema,
                                    const struct json_value *answers);

#endif

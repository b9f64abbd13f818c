/* Sample cases that several departments work on together, each left in another state. Inside park/.
 */
#ifndef PARK_SAMPLE_JOINT_H
#define PARK_SAMPLE_JOINT_H

#include "park/case_act.h"

enum { SAMPLE_JOINTS = 7 };

struct sample_joint {
    int number; /* Which of the SAMPLE_JOINTS stories. */
    int64_t person_id, enterprise_id, case_id;
    bool asked, declined;
};

/* Files the story's project as its applicant. */
MUST_USE enum err sample_joint_file(const struct case_env *env, struct sample_joint *joint);
/* What somebody has to do about it next, and who; NULL once the story stands where it is to be
 * left. Lives in the arena. */
struct sample_step;
MUST_USE enum err sample_joint_next(struct db *db, struct arena *arena, int64_t park_id,
                                    const struct sample_joint *joint,
                                    const struct sample_step **out);
MUST_USE enum err sample_joint_do(const struct case_env *env, struct sample_joint *joint,
                                  const struct sample_step *step);

#endif

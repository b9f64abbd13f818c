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
/* Does one thing that somebody has to do about it; `*acted` is false once the story stands where it
 * is to be left. */
MUST_USE enum err sample_joint_act(const struct case_env *env, struct sample_joint *joint,
                                   bool *acted);

#endif

/* What does nothing itself: start events, boundary events that happened, undefined and manual
 * tasks. */
#include "engine/step.h"

const struct step_kind STEP_PASS = {0};

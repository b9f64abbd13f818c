/* Test models written for Java engines, put into terms that this engine knows. */
#ifndef CMD_BPMN_ADAPT_H
#define CMD_BPMN_ADAPT_H

#include "base/base.h"

/* Scripts become jobs whose type is the script's text; the few Java conditions that the suite uses
 * become FEEL. All else is left as it is. ERR_SYNTAX, ERR_LIMIT. */
MUST_USE enum err bpmn_adapt(struct arena *arena, struct str text, struct str *out);

#endif

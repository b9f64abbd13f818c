/* Heat scenes for the sample park: invented pixels, marked as such wherever they are shown.
 *
 * Days and nights of two winters and the autumn behind them, with clouds, one day that nobody saw,
 * and grids that rest over the Spring Festival. The same for the same seed.
 */
#ifndef PARK_SAMPLE_HEAT_H
#define PARK_SAMPLE_HEAT_H

#include "park/change.h"

/* Writes the files below DIR/heat and adds scenes, parcels and a few fires. */
MUST_USE enum err sample_heat(struct db_tx *tx, const struct change *by, const char *dir,
                              uint64_t seed);

#endif

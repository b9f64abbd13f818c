#include "heat/change.h"

#include <math.h>

/* The regularized incomplete beta function I_x(a, b), by its continued fraction (Lentz's way). */
static double beta_part(double x, double a, double b)
{
    enum { STEPS = 400 };
    const double tiny = 1e-300;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a;
    double c = 1, d = 1 / fmax(fabs(1 - (a + b) * x / (a + 1)), tiny), value = d;
    for (int m = 1; m < STEPS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double before = value;
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        value *= c * d;
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        value *= c * d;
        if (fabs(value - before) <= 1e-15 * fabs(value))
            break;
    }
    return front * value;
}

static double incomplete_beta(double x, double a, double b)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    return x < (a + 1) / (a + b + 2) ? beta_part(x, a, b) : 1 - beta_part(1 - x, b, a);
}

double heat_student(double confidence, double freedom)
{
    double low = 0, high = 1e6;
    for (int i = 0; i < 200 && high - low > 1e-12 * high; i++) {
        double t = (low + high) / 2;
        double outside = incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
        if (1 - outside < confidence)
            low = t;
        else
            high = t;
    }
    return (low + high) / 2;
}

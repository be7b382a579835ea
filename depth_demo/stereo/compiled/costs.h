/* What it costs to match two pixels, after Birchfield and Tomasi (PAMI 1998), with the numbers of OpenCV's SGBM. */
#ifndef COSTS_H
#define COSTS_H

#include <stdint.h>
#include <string.h>

#include "memory.h"

typedef uint8_t u8;
typedef int16_t i16;

/* A pair and its settings, under OpenCV's names. Both images are planar, (channels, height, width), and the right one is
   mirrored, so that a larger disparity lies further right in it. `disparities.py` has the same fields in the same order. */
typedef struct {
    const u8 *left, *mirrored_right;
    int width, height, channels;
    int min_disparity, num_disparities, radius, p1, p2, disp12_max_diff, pre_filter_cap, uniqueness_ratio;
} Job;

static inline int min_int(int a, int b) { return a < b ? a : b; }
static inline int max_int(int a, int b) { return a > b ? a : b; }
static inline i16 least(i16 a, i16 b) { return a < b ? a : b; }
static inline u8 low(u8 a, u8 b) { return a < b ? a : b; }
static inline u8 high(u8 a, u8 b) { return a > b ? a : b; }
static inline u8 above(u8 a, u8 b) { return (u8)(a > b ? a - b : 0); } /* how far a is above b, or 0 */

/* Columns that have a partner at every disparity of the range, and the first of them. */
static inline int first_column(const Job *job) { return max_int(job->min_disparity + job->num_disparities, 0); }
static inline int count_columns(const Job *job) { return job->width + min_int(job->min_disparity, 0) - first_column(job); }

/* One row of an image in planes: the clipped gradient of each channel, then the channel itself. `lowest` and `highest` are the
   ends of what a pixel can be half-way to its neighbours. */
typedef struct {
    u8 *value, *lowest, *highest;
} Planes;

static inline void fill_gradient(const u8 *restrict row, const u8 *restrict up, const u8 *restrict down, int width, i16 sign,
                                 i16 cap, u8 *restrict out)
{
    for (int x = 1; x < width - 1; x++) {
        const i16 slope = (i16)(2 * (row[x + 1] - row[x - 1]) + up[x + 1] - up[x - 1] + down[x + 1] - down[x - 1]);
        const i16 cut = least((i16)(sign * slope), cap);
        out[x] = (u8)((cut > -cap ? cut : -cap) + cap);
    }
}

static inline void fill_range(const u8 *restrict value, int width, u8 *restrict lowest, u8 *restrict highest)
{
    for (int x = 1; x < width - 1; x++) {
        const u8 v = value[x], before = (u8)((v + value[x - 1]) / 2), after = (u8)((v + value[x + 1]) / 2);
        lowest[x] = low(v, low(before, after));
        highest[x] = high(v, high(before, after));
    }
    for (int x = 0; x < width; x += width - 1) { /* the ends have one neighbour */
        const u8 v = value[x], half = (u8)((v + value[x ? x - 1 : 1]) / 2);
        lowest[x] = low(v, half);
        highest[x] = high(v, half);
    }
}

static void fill_planes(const Job *job, const u8 *image, int y, int mirrored, Planes out)
{
    const int width = job->width, channels = job->channels;
    const i16 cap = (i16)(max_int(job->pre_filter_cap, 15) | 1);
    for (int c = 0; c < channels; c++) {
        const u8 *row = image + ((size_t)c * (size_t)job->height + (size_t)y) * (size_t)width;
        u8 *gradient = out.value + c * width, *colour = out.value + (channels + c) * width;
        fill_gradient(row, y > 0 ? row - width : row, y < job->height - 1 ? row + width : row, width, mirrored ? -1 : 1, cap,
                      gradient);
        memcpy(colour, row, (size_t)width);
        gradient[0] = gradient[width - 1] = colour[0] = colour[width - 1] = (u8)cap; /* OpenCV's edges */
    }
    for (int p = 0; p < 2 * channels; p++)
        fill_range(out.value + p * width, width, out.lowest + p * width, out.highest + p * width);
}

static inline u8 unlike(u8 u, u8 u0, u8 u1, u8 v, u8 v0, u8 v1)
{
    return low(high(above(u, v1), above(v0, u)), high(above(v, u1), above(u0, v)));
}

/* The costs of column x at all disparities. A gradient adds at most 126 and a colour 63, so two or three fit into a byte. */
static inline void cost_pixel(const Job *job, Planes left, Planes right, int x, i16 *restrict cost)
{
    const int width = job->width, count = job->num_disparities, first = width - 1 - x + job->min_disparity;
#define AT(p)                                                                                                         \
    const u8 u##p = left.value[p * width + x], l##p = left.lowest[p * width + x], h##p = left.highest[p * width + x]; \
    const u8 *restrict v##p = right.value + p * width + first;                                                        \
    const u8 *restrict a##p = right.lowest + p * width + first, *restrict b##p = right.highest + p * width + first
#define UNLIKE(p) unlike(u##p, l##p, h##p, v##p[d], a##p[d], b##p[d])
    AT(0);
    AT(1);
    if (job->channels == 1) {
        for (int d = 0; d < count; d++) cost[d] = (u8)(UNLIKE(0) + (UNLIKE(1) >> 2));
        return;
    }
    AT(2);
    AT(3);
    AT(4);
    AT(5);
    for (int d = 0; d < count; d++) {
        const u8 one = (u8)(UNLIKE(0) + UNLIKE(1)), two = (u8)(UNLIKE(2) + (UNLIKE(3) >> 2) + (UNLIKE(4) >> 2));
        cost[d] = (i16)(one + two + (u8)(UNLIKE(5) >> 2));
    }
#undef AT
#undef UNLIKE
}

/* Moves along a row and sums the costs of 2 * radius + 1 pixels. Beyond the ends the outermost pixel counts again. */
typedef struct {
    Planes left, right;
    i16 *pixels; /* the costs of the last 2 * radius + 2 pixels, in a ring */
} Slider;

static inline size_t planes_bytes(const Job *job) { return 3 * room_for((size_t)job->width * 2 * (size_t)job->channels); }
static inline size_t ring_bytes(const Job *job)
{
    return sizeof(i16) * (size_t)job->num_disparities * (size_t)(2 * job->radius + 2);
}
static inline size_t slider_bytes(const Job *job) { return 2 * planes_bytes(job) + room_for(ring_bytes(job)); }

static inline Planes take_planes(char **room, const Job *job)
{
    const size_t bytes = (size_t)job->width * 2 * (size_t)job->channels;
    Planes planes;
    planes.value = take(room, bytes), planes.lowest = take(room, bytes), planes.highest = take(room, bytes);
    return planes;
}

static inline Slider take_slider(char **room, const Job *job)
{
    Slider slider;
    slider.left = take_planes(room, job), slider.right = take_planes(room, job), slider.pixels = take(room, ring_bytes(job));
    return slider;
}

static inline i16 *pixel_in(const Job *job, const Slider *slider, int x)
{
    return slider->pixels + (size_t)(x % (2 * job->radius + 2)) * (size_t)job->num_disparities;
}

/* Sums around the first column of a strip. */
static inline void sum_row_start(const Job *job, Slider *slider, int x, i16 *restrict sums)
{
    const int count = job->num_disparities, radius = job->radius, last = count_columns(job) - 1;
    memset(sums, 0, sizeof(i16) * (size_t)count);
    for (int near = x - radius; near <= x + radius; near++) {
        const int inside = min_int(max_int(near, 0), last);
        i16 *restrict pixel = pixel_in(job, slider, inside);
        if (inside == near || near == x - radius)
            cost_pixel(job, slider->left, slider->right, first_column(job) + inside, pixel);
        for (int d = 0; d < count; d++) sums[d] = (i16)(sums[d] + pixel[d]);
    }
}

/* Sums around column x, written behind those of the column before. */
static inline void sum_row_next(const Job *job, Slider *slider, int x, i16 *restrict sums)
{
    const int count = job->num_disparities, radius = job->radius, last = count_columns(job) - 1;
    i16 *restrict entering = pixel_in(job, slider, min_int(x + radius, last));
    const i16 *restrict leaving = pixel_in(job, slider, max_int(x - radius - 1, 0));
    const i16 *restrict before = sums - count;
    if (x + radius <= last) cost_pixel(job, slider->left, slider->right, first_column(job) + x + radius, entering);
    for (int d = 0; d < count; d++) sums[d] = (i16)(before[d] + entering[d] - leaving[d]);
}

#endif

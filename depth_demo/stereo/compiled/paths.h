/* Costs along a path (Hirschmuller, PAMI 2008), and the disparity that is chosen from their sum. */
#ifndef PATHS_H
#define PATHS_H

#include <limits.h>
#include <stdlib.h>

#include "costs.h"
#include "memory.h"

enum { SCALE = 16, SHIFT = 4 }; /* disparities are written in sixteenths of a pixel */

/* One step: `below`, `same` and `over` are the costs of the pixel before at d - 1, d and d + 1. `jump` is its least cost plus
 * p2.
 */
static inline i16 onward(i16 cost, i16 below, i16 same, i16 over, i16 p1, i16 jump)
{
    return (i16)(cost + least((i16)(least(below, over) + p1), least(same, jump)) - jump);
}

/* Costs of a pixel at all disparities, with one value in front of the first and one behind the last, which are never the
 * least. */
static inline size_t ends_bytes(int count) { return room_for(sizeof(i16) * ((size_t)count + 64)); }

static inline i16 *take_with_ends(char **room, int count)
{
    i16 *costs = (i16 *)take(room, sizeof(i16) * ((size_t)count + 64)) + 32;
    costs[-1] = costs[count] = SHRT_MAX;
    return costs;
}

/* The last step at one pixel: from the right, and the sum with the other paths. Returns the least sum. */
static inline i16 finish(const Job *job, const i16 *restrict cost, const i16 *restrict others, const i16 *restrict from_right,
                         i16 *restrict to_left, i16 *restrict sum, i16 *right_least)
{
    const int count = job->num_disparities;
    const i16 p1 = (i16)job->p1, jump = (i16)(*right_least + job->p2);
    i16 right_min = SHRT_MAX, sum_min = SHRT_MAX;
    for (int d = 0; d < count; d++) {
        const i16 r = onward(cost[d], from_right[d - 1], from_right[d], from_right[d + 1], p1, jump),
                  total = (i16)(r + others[d]);
        to_left[d] = r, sum[d] = total;
        right_min = least(right_min, r), sum_min = least(sum_min, total);
    }
    *right_least = right_min;
    return sum_min;
}

/* Whether another disparity, not beside the best, costs less than `bound`. */
static inline int has_rival(const i16 *restrict sum, int count, int best, i16 bound)
{
    i16 rivals = 0;
    for (int d = 0; d < count; d++) rivals = (i16)(rivals + (sum[d] < bound));
    for (int d = max_int(best - 1, 0); d <= min_int(best + 1, count - 1); d++) rivals = (i16)(rivals - (sum[d] < bound));
    return rivals != 0;
}

/* One row of the answer, and what the left-right check needs: for each column of the right view the cheapest match so far. */
typedef struct {
    i16 *disparity, *seen, *seen_cost;
    i16 missing;
} Row;

static inline void start_row(const Job *job, Row *row)
{
    for (int x = 0; x < job->width; x++) row->disparity[x] = row->seen[x] = row->missing, row->seen_cost[x] = SHRT_MAX;
}

/* Write the disparity of column x, in parts of a pixel by a parabola through the three costs around the least. */
static inline void write_match(const Job *job, Row *row, int x, const i16 *sum, int best)
{
    const int there = x - best - job->min_disparity;
    if (there >= 0 && there < job->width && row->seen_cost[there] > sum[best]) {
        row->seen_cost[there] = sum[best];
        row->seen[there] = (i16)(best + job->min_disparity);
    }
    int fine = best * SCALE;
    if (0 < best && best < job->num_disparities - 1) {
        const int bend = max_int(sum[best - 1] + sum[best + 1] - 2 * sum[best], 1);
        fine += ((sum[best - 1] - sum[best + 1]) * SCALE + bend) / (2 * bend);
    }
    row->disparity[x] = (i16)(fine + job->min_disparity * SCALE);
}

/* Remove matches whose partner has a cheaper match at another disparity. */
static inline void check_row(const Job *job, Row *row)
{
    const int start = first_column(job), end = start + count_columns(job), lowest = job->min_disparity;
    for (int x = start; x < end; x++) {
        const int d = row->disparity[x];
        if (d == row->missing) continue;
        const int down = d >> SHIFT, up = (d + SCALE - 1) >> SHIFT, a = x - down, b = x - up;
        if (0 <= a && a < job->width && row->seen[a] >= lowest && abs(row->seen[a] - down) > job->disp12_max_diff && 0 <= b &&
            b < job->width && row->seen[b] >= lowest && abs(row->seen[b] - up) > job->disp12_max_diff)
            row->disparity[x] = row->missing;
    }
}

static inline size_t columns_bytes(const Job *job) { return room_for(sizeof(i16) * (size_t)count_columns(job)); }
static inline size_t row_bytes(const Job *job) { return 2 * room_for(sizeof(i16) * (size_t)job->width); }

static inline Row take_row(char **room, const Job *job)
{
    Row row;
    row.disparity = NULL, row.missing = (i16)((job->min_disparity - 1) * SCALE);
    row.seen = take(room, sizeof(i16) * (size_t)job->width), row.seen_cost = take(room, sizeof(i16) * (size_t)job->width);
    return row;
}

#endif

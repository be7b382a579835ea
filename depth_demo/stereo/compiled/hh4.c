/* Semi-global matching along four paths, with the disparities of OpenCV's MODE_HH4 before its filters.

   The first sweep goes down, and keeps all costs. The second goes up and takes the other three paths row by row. */
#include "paths.h"
#include "windows.h"

/* The first sweep at one pixel: the cost of its window, and the step from above. */
static inline void descend(const Job *job, const i16 *restrict cost_above, const i16 *restrict entered,
                           const i16 *restrict left_behind, i16 *restrict cost, const i16 *restrict from_above,
                           i16 *restrict down, i16 *down_least)
{
    const int count = job->num_disparities;
    const i16 p1 = (i16)job->p1, jump = (i16)(*down_least + job->p2);
    i16 down_min = SHRT_MAX;
    for (int d = 0; d < count; d++) {
        const i16 c = (i16)(cost_above[d] + entered[d] - left_behind[d]);
        const i16 a = onward(c, from_above[d - 1], from_above[d], from_above[d + 1], p1, jump);
        cost[d] = c, down[d] = a;
        down_min = least(down_min, a);
    }
    *down_least = down_min;
}

/* The second sweep at one pixel: the steps from below and from the left, added to the one from above. */
static inline void ascend(const Job *job, const i16 *restrict cost, const i16 *restrict down, const i16 *restrict from_below,
                          i16 *restrict up, const i16 *restrict from_left, i16 *restrict to_right, i16 *restrict three,
                          i16 *up_least, i16 *left_least)
{
    const int count = job->num_disparities;
    const i16 p1 = (i16)job->p1, up_jump = (i16)(*up_least + job->p2), left_jump = (i16)(*left_least + job->p2);
    i16 up_min = SHRT_MAX, left_min = SHRT_MAX;
    for (int d = 0; d < count; d++) {
        const i16 b = onward(cost[d], from_below[d - 1], from_below[d], from_below[d + 1], p1, up_jump);
        const i16 l = onward(cost[d], from_left[d - 1], from_left[d], from_left[d + 1], p1, left_jump);
        up[d] = b, to_right[d] = l, three[d] = (i16)(down[d] + b + l);
        up_min = least(up_min, b), left_min = least(left_min, l);
    }
    *up_least = up_min, *left_least = left_min;
}

static inline int first_place(const i16 *restrict sum, int count, i16 smallest)
{
    int place = 0;
    while (place < count - 1 && sum[place] != smallest) place++;
    return place;
}

/* Match all rows. `disparity` is (height, width), in sixteenths of a pixel. Returns 1 if memory is short, else 0. */
int hh4(const Job *job, i16 *disparity)
{
    const int width = job->width, height = job->height, count = job->num_disparities;
    const int columns = count_columns(job), start = first_column(job);
    const size_t row = (size_t)columns * (size_t)count, costs_bytes = room_for(sizeof(i16) * row);
    const size_t all = sizeof(i16) * row * (size_t)height;
    const size_t bytes =
        window_bytes(job) + 2 * costs_bytes + 4 * ends_bytes(count) + row_bytes(job) + columns_bytes(job) + 2 * room_for(all);
    char *memory = claim(bytes), *room = memory;
    if (!memory) return 1;
    Window window = take_window(&room, job, 0);
    i16 *costs = take(&room, all), *downs = take(&room, all);
    i16 *border = take(&room, costs_bytes), *three = take(&room, costs_bytes), *path_least = take(&room, columns_bytes(job));
    i16 *path[2] = {take_with_ends(&room, count), take_with_ends(&room, count)};
    i16 *beside = take_with_ends(&room, count), *sum = take_with_ends(&room, count);
    Row out = take_row(&room, job);

    start_windows(job, &window, border);
    for (int y = 0; y < height; y++) {
        i16 *sums = sums_of(job, &window, y + job->radius), *cost = costs + row * (size_t)y, *down = downs + row * (size_t)y;
        const i16 *gone = sums_of(job, &window, y - job->radius - 1), *cost_above = y ? cost - row : border;
        const int enters = y + job->radius < height;
        if (enters) enter(job, &window, y + job->radius);
        if (y && !enters) { /* OpenCV takes all costs for equal where the window reaches below the image */
            for (size_t i = 0; i < row; i++) border[i] = (i16)job->p2;
            cost_above = border, gone = sums;
        }
        for (int x = 0; x < columns; x++) {
            const size_t at = (size_t)x * (size_t)count;
            if (enters) sum_column(job, &window, x, sums + at);
            if (y) memcpy(beside, down - row + at, sizeof(i16) * (size_t)count);
            descend(job, cost_above + at, sums + at, gone + at, cost + at, beside, down + at, path_least + x);
        }
    }
    i16 *up = border;
    memset(up, 0, sizeof(i16) * row);
    memset(path_least, 0, sizeof(i16) * (size_t)columns);
    for (int y = height - 1; y >= 0; y--) {
        const i16 *cost = costs + row * (size_t)y, *down = downs + row * (size_t)y;
        i16 left_least = 0, right_least = 0;
        memset(path[0], 0, sizeof(i16) * (size_t)count);
        for (int x = 0; x < columns; x++) {
            const size_t at = (size_t)x * (size_t)count;
            memcpy(beside, up + at, sizeof(i16) * (size_t)count);
            ascend(job, cost + at, down + at, beside, up + at, path[x & 1], path[~x & 1], three + at, path_least + x,
                   &left_least);
        }
        out.disparity = disparity + (size_t)y * (size_t)width;
        start_row(job, &out);
        memset(path[(columns - 1) & 1], 0, sizeof(i16) * (size_t)count);
        for (int x = columns - 1; x >= 0; x--) {
            const size_t at = (size_t)x * (size_t)count;
            const i16 smallest = finish(job, cost + at, three + at, path[x & 1], path[~x & 1], sum, &right_least);
            const int best = first_place(sum, count, smallest), share = 100 - job->uniqueness_ratio;
            const i16 bound = (i16)min_int((100 * smallest + share - 1) / share, SHRT_MAX);
            if (!has_rival(sum, count, best, bound)) write_match(job, &out, start + x, sum, best);
        }
        check_row(job, &out);
    }
    give_back(memory, bytes);
    return 0;
}

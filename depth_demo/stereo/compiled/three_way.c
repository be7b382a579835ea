/* Semi-global matching along three paths, row by row, with the disparities of OpenCV's MODE_SGBM_3WAY before its filters. */
#include "paths.h"
#include "windows.h"

enum { LANES = 8 };

/* The first sweep at one pixel: the cost of its window, and the steps from the left and from above. */
static inline void advance(const Job *job, const i16 *restrict entered, const i16 *restrict left_behind, i16 *restrict cost,
                           const i16 *restrict from_left, i16 *restrict to_right, const i16 *restrict from_above,
                           i16 *restrict down, i16 *restrict both, i16 *left_least, i16 *down_least)
{
    const int count = job->num_disparities;
    const i16 p1 = (i16)job->p1, left_jump = (i16)(*left_least + job->p2), down_jump = (i16)(*down_least + job->p2);
    i16 left_min = SHRT_MAX, down_min = SHRT_MAX;
    for (int d = 0; d < count; d++) {
        const i16 c = (i16)(cost[d] + entered[d] - left_behind[d]);
        const i16 l = onward(c, from_left[d - 1], from_left[d], from_left[d + 1], p1, left_jump);
        const i16 a = onward(c, from_above[d - 1], from_above[d], from_above[d + 1], p1, down_jump);
        cost[d] = c, to_right[d] = l, down[d] = a, both[d] = (i16)(l + a);
        left_min = least(left_min, l), down_min = least(down_min, a);
    }
    *left_least = left_min, *down_least = down_min;
}

/* The place of the least sum. Of several, OpenCV takes the last in each of its eight lanes, and of those the first. */
static inline int place_of(const i16 *restrict sum, i16 count, i16 smallest)
{
    i16 hits = 0, place = 0;
    for (i16 d = 0; d < count; d++) {
        const i16 hit = sum[d] == smallest;
        hits = (i16)(hits + hit), place = (i16)(place | (-hit & d));
    }
    if (hits == 1) return place;
    int first = INT_MAX;
    for (int lane = 0; lane < LANES; lane++) {
        int d = count - LANES + lane;
        while (d >= 0 && sum[d] != smallest) d -= LANES;
        if (d >= 0) first = min_int(first, d);
    }
    return first;
}

/* Match rows `first` to `end`, of which those from `kept` on are written. OpenCV works on stripes of rows like this one, and
   each begins a little above what is kept of it. `disparity` is (height, width), in sixteenths of a pixel. Returns 1 if memory
   is short, else 0. */
int three_way(const Job *job, int first, int kept, int end, i16 *disparity)
{
    const int width = job->width, count = job->num_disparities, columns = count_columns(job), start = first_column(job);
    const size_t costs_bytes = room_for(sizeof(i16) * (size_t)columns * (size_t)count);
    const size_t bytes =
        window_bytes(job, columns) + 3 * costs_bytes + 4 * ends_bytes(count) + row_bytes(job) + columns_bytes(job);
    char *memory = claim(bytes), *room = memory;
    if (!memory) return 1;
    Window window = take_window(&room, job, first, 0, columns);
    i16 *costs = take(&room, costs_bytes), *down = take(&room, costs_bytes), *both = take(&room, costs_bytes);
    i16 *path[2] = {take_with_ends(&room, count), take_with_ends(&room, count)};
    i16 *from_above = take_with_ends(&room, count), *sum = take_with_ends(&room, count);
    i16 *down_least = take(&room, columns_bytes(job));
    Row out = take_row(&room, job);

    start_windows(job, &window, costs);
    for (int y = first; y < end; y++) {
        i16 *sums = sums_of(job, &window, y + job->radius);
        const i16 *gone = sums_of(job, &window, y - job->radius - 1);
        const int enters = y + job->radius < job->height;
        if (enters) enter(job, &window, y + job->radius);
        memset(path[0], 0, sizeof(i16) * (size_t)count);
        i16 left_least = 0;
        for (int x = 0; x < columns; x++) {
            const size_t at = (size_t)x * (size_t)count;
            if (enters) sum_column(job, &window, x, sums + at);
            memcpy(from_above, down + at, sizeof(i16) * (size_t)count);
            advance(job, sums + at, gone + at, costs + at, path[x & 1], path[~x & 1], from_above, down + at, both + at,
                    &left_least, down_least + x);
        }
        if (y < kept) continue;
        out.disparity = disparity + (size_t)y * (size_t)width;
        start_row(job, &out);
        memset(path[(columns - 1) & 1], 0, sizeof(i16) * (size_t)count);
        i16 right_least = 0;
        for (int x = columns - 1; x >= 0; x--) {
            const size_t at = (size_t)x * (size_t)count;
            const i16 smallest = finish(job, costs + at, both + at, path[x & 1], path[~x & 1], sum, &right_least);
            const int best = place_of(sum, (i16)count, smallest);
            const i16 bound = (i16)(100 * smallest / (100 - job->uniqueness_ratio) + 1);
            if (job->uniqueness_ratio == 0 || !has_rival(sum, count, best, bound))
                write_match(job, &out, start + x, sum, best);
        }
        check_row(job, &out);
    }
    give_back(memory, bytes);
    return 0;
}

/* Semi-global matching along four paths, with the disparities of OpenCV's MODE_HH4 before its filters.

   The first sweep goes down and keeps all costs. The second goes up, in bands of rows that stay near the processor, and the
   other two paths are taken along the rows of each band. Threads share strips of columns, then rows. */
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

/* The second sweep at one pixel: the step from below, added to the one from above. */
static inline void ascend(const Job *job, const i16 *restrict cost, const i16 *restrict down, const i16 *restrict from_below,
                          i16 *restrict up, i16 *restrict both, i16 *up_least)
{
    const int count = job->num_disparities;
    const i16 p1 = (i16)job->p1, jump = (i16)(*up_least + job->p2);
    i16 up_min = SHRT_MAX;
    for (int d = 0; d < count; d++) {
        const i16 b = onward(cost[d], from_below[d - 1], from_below[d], from_below[d + 1], p1, jump);
        up[d] = b, both[d] = (i16)(down[d] + b);
        up_min = least(up_min, b);
    }
    *up_least = up_min;
}

/* Along a row: the step from the left, added to what came from above and below. */
static inline void go_right(const Job *job, const i16 *restrict cost, const i16 *restrict from_left, i16 *restrict to_right,
                            i16 *restrict sum, i16 *left_least)
{
    const int count = job->num_disparities;
    const i16 p1 = (i16)job->p1, jump = (i16)(*left_least + job->p2);
    i16 left_min = SHRT_MAX;
    for (int d = 0; d < count; d++) {
        const i16 l = onward(cost[d], from_left[d - 1], from_left[d], from_left[d + 1], p1, jump);
        to_right[d] = l, sum[d] = (i16)(sum[d] + l);
        left_min = least(left_min, l);
    }
    *left_least = left_min;
}

static inline int first_place(const i16 *restrict sum, i16 count, i16 smallest)
{
    i16 place = SHRT_MAX;
    for (i16 d = 0; d < count; d++) place = least(place, sum[d] == smallest ? d : SHRT_MAX);
    return place;
}

/* What the sweeps share: all costs, what came down, what goes up, and the sums of one band of rows. */
typedef struct {
    size_t bytes, row; /* of everything; values in a row */
    i16 *costs, *downs, *sums, *up, *up_least;
} Work;

Work *hh4_begin(const Job *job, int band)
{
    const size_t row = (size_t)count_columns(job) * (size_t)job->num_disparities;
    const size_t all = sizeof(i16) * row * (size_t)job->height, some = sizeof(i16) * row * (size_t)band;
    const size_t bytes =
        room_for(sizeof(Work)) + 2 * room_for(all) + room_for(some) + room_for(sizeof(i16) * row) + columns_bytes(job);
    char *room = claim(bytes);
    if (!room) return NULL;
    Work *work = take(&room, sizeof(Work));
    work->bytes = bytes, work->row = row;
    work->costs = take(&room, all), work->downs = take(&room, all), work->sums = take(&room, some);
    work->up = take(&room, sizeof(i16) * row), work->up_least = take(&room, columns_bytes(job));
    return work;
}

void hh4_end(Work *work) { give_back(work, work->bytes); }

/* Go down columns `start` to `end`. Returns 1 if memory is short, else 0. */
int hh4_descend(const Job *job, Work *work, int start, int end)
{
    const int height = job->height, count = job->num_disparities;
    const size_t width = (size_t)(end - start) * (size_t)count, first = (size_t)start * (size_t)count;
    const size_t border_bytes = room_for(sizeof(i16) * width), least_bytes = room_for(sizeof(i16) * (size_t)(end - start));
    const size_t bytes = window_bytes(job, end - start) + border_bytes + least_bytes + ends_bytes(count);
    char *memory = claim(bytes), *room = memory;
    if (!memory) return 1;
    Window window = take_window(&room, job, 0, start, end);
    i16 *border = take(&room, border_bytes), *down_least = take(&room, least_bytes),
        *from_above = take_with_ends(&room, count);

    start_windows(job, &window, border);
    for (int y = 0; y < height; y++) {
        i16 *cost = work->costs + work->row * (size_t)y + first, *down = work->downs + work->row * (size_t)y + first;
        i16 *sums = sums_of(job, &window, y + job->radius);
        const i16 *gone = sums_of(job, &window, y - job->radius - 1), *cost_above = y ? cost - work->row : border;
        const int enters = y + job->radius < height;
        if (enters) enter(job, &window, y + job->radius);
        if (y && !enters) { /* OpenCV takes all costs for equal where the window reaches below the image */
            for (size_t i = 0; i < width; i++) border[i] = (i16)job->p2;
            cost_above = border, gone = sums;
        }
        for (int x = start; x < end; x++) {
            const size_t at = (size_t)(x - start) * (size_t)count;
            if (enters) sum_column(job, &window, x, sums + at);
            if (y) memcpy(from_above, down - work->row + at, sizeof(i16) * (size_t)count);
            descend(job, cost_above + at, sums + at, gone + at, cost + at, from_above, down + at, down_least + x - start);
        }
    }
    give_back(memory, bytes);
    return 0;
}

/* Go up columns `start` to `end` of rows `top` to `bottom`, above those of the call before. Returns 1 if memory is short, else
 * 0. */
int hh4_ascend(const Job *job, Work *work, int top, int bottom, int start, int end)
{
    const int count = job->num_disparities;
    const size_t bytes = ends_bytes(count);
    char *memory = claim(bytes), *room = memory;
    if (!memory) return 1;
    i16 *from_below = take_with_ends(&room, count);
    for (int y = bottom - 1; y >= top; y--) {
        for (int x = start; x < end; x++) {
            const size_t at = (size_t)x * (size_t)count, here = work->row * (size_t)y + at;
            i16 *both = work->sums + work->row * (size_t)(y - top) + at;
            memcpy(from_below, work->up + at, sizeof(i16) * (size_t)count);
            ascend(job, work->costs + here, work->downs + here, from_below, work->up + at, both, work->up_least + x);
        }
    }
    give_back(memory, bytes);
    return 0;
}

/* Go along rows `first` to `end` of the band that begins at `top`, and choose. `disparity` is (height, width), in sixteenths
   of a pixel. Returns 1 if memory is short, else 0. */
int hh4_choose(const Job *job, Work *work, i16 *disparity, int top, int first, int end)
{
    const int count = job->num_disparities, columns = count_columns(job), start = first_column(job);
    const size_t bytes = 3 * ends_bytes(count) + row_bytes(job);
    char *memory = claim(bytes), *room = memory;
    if (!memory) return 1;
    i16 *path[2] = {take_with_ends(&room, count), take_with_ends(&room, count)}, *sum = take_with_ends(&room, count);
    Row out = take_row(&room, job);
    for (int y = first; y < end; y++) {
        const i16 *cost = work->costs + work->row * (size_t)y;
        i16 *three = work->sums + work->row * (size_t)(y - top), left_least = 0, right_least = 0;
        memset(path[0], 0, sizeof(i16) * (size_t)count);
        for (int x = 0; x < columns; x++) {
            const size_t at = (size_t)x * (size_t)count;
            go_right(job, cost + at, path[x & 1], path[~x & 1], three + at, &left_least);
        }
        out.disparity = disparity + (size_t)y * (size_t)job->width;
        start_row(job, &out);
        memset(path[(columns - 1) & 1], 0, sizeof(i16) * (size_t)count);
        for (int x = columns - 1; x >= 0; x--) {
            const size_t at = (size_t)x * (size_t)count;
            const i16 smallest = finish(job, cost + at, three + at, path[x & 1], path[~x & 1], sum, &right_least);
            const int best = first_place(sum, (i16)count, smallest), share = 100 - job->uniqueness_ratio;
            const i16 bound = (i16)min_int((100 * smallest + share - 1) / share, SHRT_MAX);
            if (!has_rival(sum, count, best, bound)) write_match(job, &out, start + x, sum, best);
        }
        check_row(job, &out);
    }
    give_back(memory, bytes);
    return 0;
}

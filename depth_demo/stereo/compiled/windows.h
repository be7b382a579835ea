/* Costs of windows: sums of 2 * radius + 1 rows of row sums, moved down the image. */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "costs.h"
#include "memory.h"

/* The row sums of the last 2 * radius + 2 rows of a strip of columns, in a ring. Above row `first` that row counts again,
   below the image its last one. */
typedef struct {
    Slider slider;
    i16 *sums;
    size_t row; /* values in a row: columns times disparities */
    int first, start, end;
} Window;

static inline size_t window_bytes(const Job *job, int columns)
{
    const size_t row = (size_t)columns * (size_t)job->num_disparities;
    return slider_bytes(job) + room_for(sizeof(i16) * row * (size_t)(2 * job->radius + 2));
}

static inline Window take_window(char **room, const Job *job, int first, int start, int end)
{
    Window window = {.first = first, .start = start, .end = end};
    window.slider = take_slider(room, job);
    window.row = (size_t)(end - start) * (size_t)job->num_disparities;
    window.sums = take(room, sizeof(i16) * window.row * (size_t)(2 * job->radius + 2));
    return window;
}

static inline i16 *sums_of(const Job *job, const Window *window, int y)
{
    return window->sums + window->row * (size_t)(min_int(max_int(y, window->first), job->height - 1) % (2 * job->radius + 2));
}

static inline void enter(const Job *job, Window *window, int y)
{
    fill_planes(job, job->left, y, 0, window->slider.left);
    fill_planes(job, job->mirrored_right, y, 1, window->slider.right);
}

static inline void sum_column(const Job *job, Window *window, int x, i16 *sums)
{
    if (x == window->start)
        sum_row_start(job, &window->slider, x, sums);
    else
        sum_row_next(job, &window->slider, x, sums);
}

/* The costs of the windows around the row above the first one, plus p2. */
static void start_windows(const Job *job, Window *window, i16 *restrict cost)
{
    const size_t count = (size_t)job->num_disparities;
    const int first = window->first;
    for (size_t i = 0; i < window->row; i++) cost[i] = (i16)job->p2;
    for (int y = first; y <= max_int(first + job->radius - 1, first); y++) {
        i16 *restrict sums = sums_of(job, window, y);
        if (y < job->height) {
            enter(job, window, y);
            for (int x = window->start; x < window->end; x++)
                sum_column(job, window, x, sums + (size_t)(x - window->start) * count);
        }
        const i16 times = (i16)(y == first ? job->radius + 1 + (job->radius > 0) : 1);
        for (size_t i = 0; i < window->row; i++) cost[i] = (i16)(cost[i] + times * sums[i]);
    }
}

#endif

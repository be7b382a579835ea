#!/usr/bin/env bash
#SBATCH --job-name=depth-demo
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=3G
#SBATCH --time=04:00:00
#SBATCH --signal=B:TERM@120
# Scores a data set on the machines of a cluster, a worker for each task. From the checkout, on a file system of all machines:
#
#   sbatch --nodes=4 deploy/slurm.sh /shared/KITTI/training --out /shared/results --model depth-anything-v2-small
#
# All that follows the script's name goes to `depth-demo score`. The same command goes on where it stopped. Two minutes
# before the time is over, the pairs at work are finished and the report is written.
# DEPTH_DEMO_PYTHON names the Python (default: .venv/bin/python), DEPTH_DEMO_INTERFACE the network, such as ib0.
set -euo pipefail

python=${DEPTH_DEMO_PYTHON:-.venv/bin/python}
cluster=$PWD/cluster-${SLURM_JOB_ID:-$$}.json
network=(${DEPTH_DEMO_INTERFACE:+--interface "$DEPTH_DEMO_INTERFACE"})
export OMP_NUM_THREADS=1

parts=()
end() {
    kill "${parts[@]}" 2>/dev/null || true
    wait "${parts[@]}" 2>/dev/null || true
    rm -f "$cluster"
}
trap end EXIT

"$python" -m distributed.cli.dask_scheduler --port 0 --no-dashboard --scheduler-file "$cluster" "${network[@]}" &
parts+=($!)
until [ -s "$cluster" ]; do
    kill -0 "${parts[0]}" || exit 1
    sleep 0.1
done
# SLURM bounds the memory.
srun "$python" -m distributed.cli.dask_worker --nthreads 1 --memory-limit 0 --no-dashboard \
    --scheduler-file "$cluster" "${network[@]}" &
parts+=($!)

"$python" -m depth_demo score "$@" --dask "$cluster" &
score=$!
trap 'kill -TERM "$score"' TERM INT
status=0
wait "$score" || status=$?
while kill -0 "$score" 2>/dev/null; do # the first wait ends with a signal
    status=0
    wait "$score" || status=$?
done
exit "$status"

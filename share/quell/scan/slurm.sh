#!/bin/bash
#SBATCH --job-name=quell-scan
#SBATCH --array=0-7
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=1G
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=quell-scan-%a.log
# One shard a task. Submit:  QUELL_PATHS=/srv/dumps QUELL_OUT=/srv/records sbatch slurm.sh
#
# QUELL_PATHS   files and folders, separated by colons: the same for every task
# QUELL_OUT     a folder for the records, apart from the images: shard-0.ndjson.zst, ...
# QUELL_OPTIONS more options of quell scan, such as "--level check"
#
# A task that is requeued goes on where it stood. The array submitted again leaves out what is done. Submit it whole: the
# number of tasks says how many shards there are.
set -eu
IFS=: read -r -a paths <<<"${QUELL_PATHS:?names the images}"
read -r -a options <<<"${QUELL_OPTIONS:-}"
mkdir -p "${QUELL_OUT:?names the folder for the records}"
exec "${QUELL:-quell}" scan "${paths[@]}" --shard auto --jobs "${SLURM_CPUS_PER_TASK:-1}" --resume --progress json \
  "${options[@]}" -o "$QUELL_OUT/shard-$SLURM_ARRAY_TASK_ID.ndjson.zst"

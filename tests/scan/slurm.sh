#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slurm.sh PROGRAM PROJECT [requeue]: a Slurm of one node, started for this test alone, runs the shipped batch script as an
# array of eight over some synthetic images: every path has its line, no line is torn, and the array submitted again does
# nothing. With `requeue` one task is requeued while it runs (Slurm lets it wait for two minutes). Status 77: it cannot be
# tried here.
set -u
program=$(realpath "$1") project=$(realpath "$2") requeue=${3:-no}
skip() { echo "note: Slurm array: skipped: $1"; exit 77; }
for tool in munged slurmctld slurmd sbatch squeue scontrol; do
  command -v "$tool" >/dev/null || skip "$tool is not installed (slurm-wlm, munge)"
done
[ "$(id -u)" = 0 ] || skip "the daemons need root here"
command -v zstdcat >/dev/null || skip "zstd is not installed"

folder=$(mktemp -d) || exit 1
declare -a daemons=()
clean_up() {
  local daemon
  for daemon in slurmd slurmctld munged; do
    [ -s "$folder/$daemon.pid" ] && kill "$(cat "$folder/$daemon.pid")" 2>/dev/null
  done
  for daemon in "${daemons[@]}"; do
    kill "$daemon" 2>/dev/null
    wait "$daemon" 2>/dev/null
  done
  rm -rf "$folder"
}
trap clean_up EXIT
fail() {
  echo "FAILED: $1"
  tail -n 5 "$folder"/*.log 2>/dev/null
  exit 1
}
# wait_until SECONDS COMMAND...
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.2
  done
}

host=$(hostname -s)
mkdir -p "$folder"/{state,spool,seed,in,out}
chmod 700 "$folder/seed"
(umask 077 && head -c 1024 /dev/urandom >"$folder/key")
chmod 400 "$folder/key"
ports=$((20000 + $$ % 20000))
cat >"$folder/slurm.conf" <<END
ClusterName=quell
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CryptoType=crypto/munge
SlurmUser=root
SlurmctldPort=$ports
SlurmdPort=$((ports + 1))
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MaxArraySize=10001
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=work Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf
munged --foreground --force --key-file="$folder/key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/seed/seed" >"$folder/munged.out.log" 2>&1 &
daemons+=($!)
wait_until 10 test -S "$folder/munge.socket" || fail "munged did not start"
slurmctld -D -f "$SLURM_CONF" >"$folder/slurmctld.out.log" 2>&1 &
daemons+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >"$folder/slurmd.out.log" 2>&1 &
daemons+=($!)
idle() { sinfo -h -o %T 2>/dev/null | grep -qx idle; }
wait_until 30 idle || fail "the node is not idle"

# Images of every engine that the demo's machine has, each with other bytes at its end.
"$program" demo --keep "$folder/demo" >/dev/null 2>&1
image=$(find "$folder/demo" -name '*.rom' -size +1M 2>/dev/null | head -n 1)
for i in $(seq 40); do
  { [ -n "$image" ] && head -c 1048576 "$image"; echo "$i"; } >"$folder/in/$i.rom"
done

export QUELL=$program QUELL_PATHS=$folder/in QUELL_OUT=$folder/out QUELL_OPTIONS=
submit() { sbatch --parsable --chdir="$folder" "$@" "$project/share/quell/scan/slurm.sh"; }
gone() { [ -z "$(squeue -h -j "$1" 2>/dev/null)" ]; }
ids_of_files() { zstdcat "$folder"/out/*.zst | grep -o '"file":{"path":"[^"]*"' | sort; }

if [ "$requeue" = requeue ]; then
  # Slow enough to be caught at it.
  printf '#!/bin/sh\nsleep 4\nexec %s "$@"\n' "$program" >"$folder/slow"
  chmod +x "$folder/slow"
  QUELL=$folder/slow
  job=$(submit) || fail "the array was not taken"
  running() { [ -n "$(squeue -h -t running -j "${job}_0" 2>/dev/null)" ]; }
  wait_until 30 running || fail "task 0 does not run"
  scontrol requeue "${job}_0" || fail "task 0 cannot be requeued"
  wait_until 240 gone "$job" || fail "the array did not end"
else
  job=$(submit) || fail "the array was not taken"
  wait_until 60 gone "$job" || fail "the array did not end"
fi

wait_until 10 test -e "$folder/out/shard-7.ndjson.zst"
[ "$(ls "$folder/out" | grep -c '^shard-[0-7]\.ndjson\.zst$')" = 8 ] || fail "not every task wrote its records: $(ls "$folder/out")"
[ "$(ls "$folder/out" | wc -l)" = 8 ] || fail "something was left beside the records: $(ls "$folder/out")"
expected=$(find "$folder/in" -type f | sed 's/.*/"file":{"path":"&"/' | sort)
[ "$(ids_of_files)" = "$expected" ] || fail "not every path has one line"
zstdcat "$folder"/out/*.zst | grep -vqE '^\{"schema":"quell/scan/1",.*\}\}$' && fail "a line is torn"

before=$(stat -c '%n %y %i' "$folder"/out/*)
QUELL=$program
again=$(submit) || fail "the array was not taken again"
wait_until 60 gone "$again" || fail "the second array did not end"
sleep 1
[ "$(stat -c '%n %y %i' "$folder"/out/*)" = "$before" ] || fail "the second submission wrote something"
echo "Slurm array: 8 tasks, 40 images, complete; the second submission did nothing"

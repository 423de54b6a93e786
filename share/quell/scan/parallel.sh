#!/bin/sh
# Eight shards over the machines of ~/.parallel/sshloginfile that see the same folders, with GNU parallel:
#   parallel.sh /srv/dumps /srv/records
# Run it again after an interruption: what is done is left out.
set -eu
images=$1 records=$2 shards=8
mkdir -p "$records"
seq 0 $((shards - 1)) | parallel --sshloginfile .. --jobs 1 --retries 3 \
  quell scan "$images" --shard "{}/$shards" --resume --progress none -o "$records/shard-{}.ndjson.zst"

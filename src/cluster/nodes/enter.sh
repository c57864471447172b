#!/bin/sh
# Makes the mounts of a worker node its own: enter.sh NAME FOLDER STATE_ROOT RUN_ROOT [RESOLV_CONF]
# Runs once, inside the node's new mount, host name and network namespaces. FOLDER has what is the node's alone.
set -e
name=$1 own=$2 state=$3 run=$4 resolv=$5
echo "$name" >/proc/sys/kernel/hostname

# what other nodes have mounted must not be held here when they let it go
cut -d ' ' -f 5 /proc/self/mountinfo | grep -E "^($state|$run)/[^/]+/" | sort -r | xargs -r -n 50 umount -l 2>/dev/null || true

# a view of the kernel's devices that shows this network's links, with the control groups of all
mkdir -p "$own/sys"
if mount -t sysfs sysfs "$own/sys" 2>/dev/null; then
  mount --rbind /sys/fs/cgroup "$own/sys/fs/cgroup"
  mount --move "$own/sys" /sys
fi

# folders that programs of every node take for theirs alone
for folder in /run/containerd /var/lib/cni; do
  mkdir -p "$folder" "$own$folder"
  mount --bind "$own$folder" "$folder"
done
[ ! -e /etc/machine-id ] || mount --bind "$own/machine-id" /etc/machine-id
[ -z "$resolv" ] || mount --bind "$resolv" /etc/resolv.conf

# mounts that Pods ask to see, or to have seen, pass between the node and them
mount --make-rshared /

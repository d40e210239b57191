"""The kernel's NFS server, quotas, and other things that shares will rest upon and containers do not have."""


def the_kernel_serves_nfs(machine):
    """Exported, mounted, written and read, versions 4.2 and 3."""
    machine.does("mkdir -p /mnt/tools/srv /mnt/tools/mnt && mount -t tmpfs tmpfs /mnt/tools/srv && modprobe nfsd && "
                 "mount -t nfsd nfsd /proc/fs/nfsd; mount -t rpc_pipefs rpc_pipefs /mnt/tools/run/rpc_pipefs || true")
    machine.tool("sh -c 'echo \"/srv 127.0.0.1(rw,no_root_squash,fsid=0,no_subtree_check,insecure)\" >/etc/exports; "
                 "rpcbind -w; rpc.statd; exportfs -ra && rpc.mountd && rpc.nfsd 4'")
    for version, path in (("4.2", "/"), ("3", "/srv")):
        machine.tool(f"mount -t nfs -o vers={version},soft,timeo=50 127.0.0.1:{path} /mnt")
        machine.tool(f"sh -c 'echo {version} >/mnt/x && cmp /mnt/x /srv/x && umount /mnt'")


def a_quota_holds(machine):
    """ext4: a user's writing ends at the limit."""
    disk = "/dev/disk/by-id/ata-QEMU-SATA_SATA-1"
    machine.does(f"mkfs.ext4 -q -O quota -E quotatype=usrquota {disk} && mount -o usrquota {disk} /mnt/tools/mnt && "
                 "chmod 1777 /mnt/tools/mnt")
    machine.tool("setquota -u bob 0 2048 0 0 /mnt" if machine.ssh("chroot /mnt/tools id bob").returncode == 0 else
                 f"setquota -u {machine.does('id -u bob')} 0 2048 0 0 /mnt")
    said = machine.ssh("setpriv --reuid=bob --regid=bob --clear-groups dd if=/dev/zero of=/mnt/tools/mnt/x bs=1M count=4").stderr
    assert "quota exceeded" in said.lower(), said
    assert int(machine.does("stat -c %s /mnt/tools/mnt/x")) <= 2048 << 10

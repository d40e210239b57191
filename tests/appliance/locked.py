"""An encrypted pool that is locked, on a disk that was encrypted beside Bulkhead: a container cannot open one, nor make one of its
own, but what is done to its keys is the same there."""
PHRASE, OTHER = "a long passphrase of theirs", "another long passphrase"
POOL, LUKS = "5e0c4b0e-8f2b-4c1e-9d57-0a1b2c3d4e5f", "6f1d5c1f-9a3c-4d2f-8e68-1b2c3d4e5f60"
KEPT = f"/var/lib/bulkhead-storage-hand/keys/kept/{POOL}"
# By a passphrase that takes a moment to try, as Bulkhead's own do.
MADE = f"""printf %s '{PHRASE}' | cryptsetup luksFormat --batch-mode --disable-locks --type=luks2 --pbkdf=argon2id --pbkdf-memory=32768 \\
--pbkdf-force-iterations=4 --uuid={LUKS} --label={POOL} --key-file=- -- /dev/disk/by-id/trial-disk4 &&
mkdir -p /srv/secret && echo 'btrfs {POOL}' > /etc/bulkhead/pools/secret && printf '%s\\n' '{POOL} no yes' {LUKS} > /etc/bulkhead/encryption/secret &&
chown bulkhead-storage-hand: /etc/bulkhead/pools/secret /etc/bulkhead/encryption/secret && systemctl daemon-reload &&
udevadm trigger --settle --name-match=$(readlink -f /dev/disk/by-id/trial-disk4) && systemctl restart bulkhead-storage-clerk && echo made"""
GONE = ("rm -rf /etc/bulkhead/pools/secret /etc/bulkhead/encryption/secret /srv/secret; wipefs -qa /dev/disk/by-id/trial-disk4; "
        f"rm -f {KEPT}; systemctl daemon-reload; systemctl restart bulkhead-storage-clerk")

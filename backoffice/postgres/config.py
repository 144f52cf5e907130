"""The configuration files of the embedded server; written anew before each start, so an upgrade reaches old folders."""

import os
import pwd
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from backoffice.postgres.binaries import Account

PORT = 5432  # only part of the socket's name: the server never listens on TCP
MEGABYTE = 1024 * 1024
# Tests throw their data away: nothing has to survive a power cut.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "30min",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def server_settings(*, cluster_name: str, socket_dir: Path, overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the server's settings for this machine: a quarter of its memory at most, at most 2 GB."""
    memory = psutil.virtual_memory().total // MEGABYTE
    buffers = max(64, min(2048, memory // 8))
    return {
        "cluster_name": cluster_name,
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(512, memory // 32))}MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "synchronous_commit": "on",
        "jit": "off",  # compiling costs more than the short statements of an admin
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_checkpoints": "off",
        "log_min_duration_statement": "2s",
        "log_lock_waits": "on",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "logging_collector": "off",
        **overrides,
    }


def write_configuration(data: Path, *, settings: Mapping[str, str], roles: Iterable[str], account: Account) -> None:
    """Write postgresql.conf, pg_hba.conf and pg_ident.conf: over the socket, and only our own system user."""
    lines = ["# Written by backoffice.postgres before each start; changes here are lost.", ""]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    files = {"postgresql.conf": lines}
    # Peer: the kernel tells who knocks. The directory of the socket is closed to others as well.
    files["pg_hba.conf"] = ["local all all peer map=backoffice"]
    system_user = pwd.getpwuid(os.geteuid()).pw_name
    files["pg_ident.conf"] = [f'backoffice "{system_user}" {role}' for role in roles]
    for name, content in files.items():
        path = data / name
        path.write_text("\n".join(content) + "\n", encoding="utf-8")
        path.chmod(0o600)
        if account.switch:
            os.chown(path, account.uid, account.gid)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

//! Which process is at the other end of a connection on this machine, as Linux tells it (`proc(5)`).

use std::net::{SocketAddr, SocketAddrV4};
use std::path::Path;

/// The number of the socket whose own address is `local` and which is connected to `remote`.
///
/// It is none once its process has closed it.
pub(super) fn socket(local: SocketAddr, remote: SocketAddr) -> Option<u64> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    find(&table, local, remote)
}

/// Whether a process has that socket.
pub(super) fn has(pid: i32, socket: u64) -> bool {
    let wanted = format!("socket:[{socket}]");
    let Ok(open) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    open.flatten().any(|descriptor| {
        let target = std::fs::read_link(descriptor.path());
        target.is_ok_and(|target| target == Path::new(&wanted))
    })
}

fn find(table: &str, local: SocketAddr, remote: SocketAddr) -> Option<u64> {
    let (local, remote) = (written(local)?, written(remote)?);
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let ends = fields.next()? == local && fields.next()? == remote;
        // After the state, the queues, the timer, the retransmits, the user and the timeout.
        let socket: u64 = fields.nth(6)?.parse().ok()?;
        (ends && socket != 0).then_some(socket)
    })
}

/// An address as the kernel writes it: the number as it lies in memory, then the port.
fn written(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let number = u32::from_ne_bytes(SocketAddrV4::ip(&address).octets());
    Some(format!("{number:08X}:{:04X}", address.port()))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_of_ours_is_ours() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (local, remote) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
        let found = socket(local, remote).unwrap();
        let this = std::process::id().cast_signed();
        assert!(has(this, found));
        assert!(!has(1, found) && !has(i32::MAX, found));
        drop(stream);
        assert_eq!(socket(local, remote), None);
    }
}

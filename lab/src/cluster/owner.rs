//! Which processes are at the other ends of connections on this machine, as Linux tells it
//! (`proc(5)`).

use std::collections::HashMap;
use std::net::{SocketAddr, SocketAddrV4};

/// A connection as the other end sees it: its own address, and ours.
pub(super) type Ends = (SocketAddr, SocketAddr);

/// Finds who among these processes has which of these connections.
///
/// To look through the tables of the system costs milliseconds, so many connections are looked for
/// at once.
pub(super) fn owners(connections: &[Ends], processes: &[(String, i32)]) -> Vec<Option<String>> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let sockets = sockets(&table, connections);
    let mut owners = vec![None; connections.len()];
    for (name, pid) in processes {
        for socket in open_sockets(*pid) {
            if let Some(&n) = sockets.get(&socket) {
                owners[n] = Some(name.clone());
            }
        }
    }
    owners
}

/// The numbers of those connections' sockets. One that its process has closed has none.
fn sockets(table: &str, connections: &[Ends]) -> HashMap<u64, usize> {
    let written = connections
        .iter()
        .map(|(local, remote)| written(*local).zip(written(*remote)));
    let wanted: HashMap<_, _> = written
        .enumerate()
        .filter_map(|(n, ends)| Some((ends?, n)))
        .collect();
    let lines = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let ends = (fields.next()?.to_owned(), fields.next()?.to_owned());
        let n = wanted.get(&ends)?;
        // After the state, the queues, the timer, the retransmits, the user and the timeout.
        Some((fields.nth(6)?.parse().ok()?, *n))
    });
    lines.filter(|(socket, _)| *socket != 0).collect()
}

fn open_sockets(pid: i32) -> impl Iterator<Item = u64> {
    let open = std::fs::read_dir(format!("/proc/{pid}/fd"));
    open.into_iter().flatten().flatten().filter_map(|open| {
        let target = std::fs::read_link(open.path()).ok()?;
        let target = target.to_str()?;
        let number = target.strip_prefix("socket:[")?.strip_suffix(']')?;
        number.parse().ok()
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
        let ends = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
        let nobodys = (ends.0, ends.0);
        let this = ("this".to_owned(), std::process::id().cast_signed());
        let other = ("other".to_owned(), 1);
        let found = owners(&[nobodys, ends], &[other.clone(), this.clone()]);
        assert_eq!(found, [None, Some("this".to_owned())]);
        assert_eq!(owners(&[ends], &[other]), [None]);
        drop(stream);
        assert_eq!(owners(&[ends], &[this]), [None]);
    }
}

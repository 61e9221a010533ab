//! Which of a broker's addresses to talk to.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rand::seq::SliceRandom;
use tokio::net::lookup_host;
use tokio::time::{sleep, timeout};

use super::broker::Broker;
use super::failure::{ANSWER, Attempts, Failure};

/// How long an address has to itself before the next one is tried beside it. A host that is off lets
/// packets vanish, so only time tells.
const HEAD_START: Duration = Duration::from_secs(1);

/// The addresses of a broker's host in random order, so that not all connections lead to the same one.
pub(super) async fn resolve(broker: &Broker) -> Result<Vec<SocketAddr>, Failure> {
    let authority = &broker.uri.authority;
    let found = timeout(ANSWER, lookup_host((&*authority.host, authority.port))).await;
    let found = found.map_err(|_| Failure::Silent)?;
    let mut addresses: Vec<_> = found.map_err(Failure::Unreachable)?.collect();
    addresses.shuffle(&mut rand::rng());
    Ok(addresses)
}

/// Tries the addresses in their order until `open` succeeds at one: the next when one fails, or has
/// had its head start. One that is slow may still come first; one that says nothing is given up.
pub(super) async fn first_to_answer<T, F>(
    addresses: Vec<SocketAddr>,
    open: impl Fn(SocketAddr) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut untried = addresses.into_iter();
    let (mut attempts, mut failures) = (FuturesUnordered::new(), Vec::new());
    loop {
        let next = untried.next();
        let exhausted = next.is_none();
        attempts.extend(next.map(|address| attempt(address, open(address))));
        tokio::select! {
            ended = attempts.next() => match ended {
                Some((_, Ok(opened))) => return Ok(opened),
                Some((address, Err(failure))) => failures.push((address, failure)),
                None => return Err(Failure::Everywhere(Attempts(failures))),
            },
            () = sleep(HEAD_START), if !exhausted => {}
        }
    }
}

async fn attempt<T>(
    address: SocketAddr,
    opening: impl Future<Output = Result<T, Failure>>,
) -> (SocketAddr, Result<T, Failure>) {
    let opened = timeout(ANSWER, opening).await;
    (address, opened.unwrap_or(Err(Failure::Silent)))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// Takes connections, as the system does for it, and says nothing.
    async fn mute() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// Refuses connections.
    async fn refusing() -> SocketAddr {
        mute().await.1
    }

    /// Connects, and waits for a word.
    async fn hear(address: SocketAddr) -> Result<SocketAddr, Failure> {
        let stream = TcpStream::connect(address).await;
        let mut stream = stream.map_err(Failure::Unreachable)?;
        let heard = stream.read_u8().await;
        heard.map_err(Failure::Unreachable)?;
        Ok(address)
    }

    #[tokio::test]
    async fn an_address_that_refuses_makes_room_for_the_next_at_once() {
        let addresses = vec![refusing().await, ([127, 0, 0, 1], 1).into()];
        let open = async |address: SocketAddr| match address.port() {
            1 => Ok(address),
            _ => hear(address).await,
        };
        let opened = timeout(HEAD_START, first_to_answer(addresses, open)).await;
        assert_eq!(opened.unwrap().unwrap().port(), 1);
    }

    #[tokio::test]
    async fn the_next_address_is_tried_before_a_silent_one_is_given_up() {
        let (_listener, silent) = mute().await;
        let other = SocketAddr::from(([127, 0, 0, 1], 1));
        let trying = Arc::new(());
        let open = async |address| {
            if address == silent {
                let _trying = Arc::clone(&trying);
                hear(address).await
            } else {
                assert_eq!(Arc::strong_count(&trying), 2, "the silent one is given up");
                Ok(address)
            }
        };
        let opened = first_to_answer(vec![silent, other], open).await;
        assert_eq!(opened.unwrap(), other);
        assert_eq!(Arc::strong_count(&trying), 1, "nobody needs it any more");
    }

    #[tokio::test]
    async fn a_slow_address_is_waited_for_beside_the_next() {
        let (_listener, silent) = mute().await;
        let slow = SocketAddr::from(([127, 0, 0, 1], 1));
        let open = async |address| {
            if address == silent {
                hear(address).await
            } else {
                sleep(HEAD_START * 2).await;
                Ok(address)
            }
        };
        let opened = first_to_answer(vec![slow, silent], open).await;
        assert_eq!(opened.unwrap(), slow);
    }

    #[tokio::test]
    async fn when_all_fail_each_is_named_with_its_reason() {
        let (_listener, silent) = mute().await;
        let refused = refusing().await;
        let failure = first_to_answer(vec![silent, refused], hear).await;
        let told = failure.unwrap_err().to_string();
        let refusal = io::Error::from_raw_os_error(111);
        for expected in [
            format!("{silent}: the broker does not answer"),
            format!("{refused}: the broker cannot be reached: {refusal}"),
        ] {
            assert!(told.contains(&expected), "{told}");
        }
    }
}

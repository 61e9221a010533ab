use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use lapin::tcp::{AsyncTcpStream, TLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties, Event};
use tokio::time::timeout;

use super::addresses::{first_to_answer, resolve};
use super::broker::Broker;
use super::failure::Failure;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// News of a connection that stands.
pub(super) enum News {
    /// The broker reads nothing more from it, for this reason, until it says otherwise.
    Blocked(String),
    Unblocked,
}

/// A connection with its one channel. Dropped, all of it is gone at once.
pub(super) struct Link {
    pub(super) channel: Channel,
    connection: Connection,
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
    _socket: Socket,
}

impl Link {
    /// Connects to one of the broker's addresses, and declares the queues.
    pub(super) async fn open(broker: &Broker, name: &str) -> Result<Self, Failure> {
        Self::open_at(resolve(broker).await?, broker, name).await
    }

    async fn open_at(
        addresses: Vec<SocketAddr>,
        broker: &Broker,
        name: &str,
    ) -> Result<Self, Failure> {
        let connect = |address| Self::connect(address, &broker.uri, name);
        let link = first_to_answer(addresses, connect).await?;
        broker.declare(&link.channel).await?;
        Ok(link)
    }

    // Left to itself the driver takes as long as the system's TCP does to give up, and lets a thread
    // wait for ever for a broker that takes the connection and says nothing.
    async fn connect(address: SocketAddr, uri: &AMQPUri, name: &str) -> Result<Self, Failure> {
        let runtime = lapin::runtime::default_runtime()?;
        let stream = AsyncTcpStream::connect(&runtime, address).await;
        let mut stream = stream.map_err(Failure::Unreachable)?;
        let socket = match &stream {
            AsyncTcpStream::Plain(plain) => Socket::of(plain.get_ref()),
            _ => Err(io::ErrorKind::Unsupported.into()),
        };
        let socket = socket.map_err(Failure::Unreachable)?;
        if uri.scheme == AMQPScheme::AMQPS {
            // The certificate is one for the name in the URL, whichever address this is.
            let host = &uri.authority.host;
            let encrypted = stream.into_tls(host, TLSConfig::default()).await;
            stream = encrypted.map_err(Failure::Unreachable)?;
        }
        let stream = Mutex::new(Some(stream));
        let hand_over = async move |_, _| {
            let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
            stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected).into())
        };
        let named = ConnectionProperties::default().with_connection_name(name.into());
        let connection = Connection::connector(uri.clone(), runtime, hand_over, named).await?;
        Ok(Self {
            events: Box::pin(connection.events_listener()),
            channel: connection.create_channel().await?,
            connection,
            _socket: socket,
        })
    }

    /// Waits for news, or for the end of the connection or its channel.
    pub(super) async fn news(&mut self) -> Result<News, Failure> {
        while let Some(event) = self.events.next().await {
            match event {
                Event::ConnectionBlocked(reason) => return Ok(News::Blocked(reason)),
                Event::ConnectionUnblocked => return Ok(News::Unblocked),
                Event::Error(error) => return Err(error.into()),
                _ => {}
            }
        }
        Err(Failure::Ended)
    }

    /// Takes leave of the broker, which need not answer.
    pub(super) async fn close(self) {
        let _ = timeout(FAREWELL, self.connection.close(200, "OK".into())).await;
    }
}

/// The connection's socket, shut down when dropped. The driver's thread reads from it, and ends only
/// with it when the broker is frozen.
struct Socket(TcpStream);

impl Socket {
    fn of(stream: &impl AsFd) -> io::Result<Self> {
        let socket = stream.as_fd().try_clone_to_owned()?;
        Ok(Self(socket.into()))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It fails only when the other end has already done so.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use lapin::options::QueueDeleteOptions;
    use tokio::net::TcpListener;

    use super::*;
    use runtime::config::AmqpConfig;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_host_that_says_nothing_does_not_keep_from_the_others() {
        let url = env::var("AMQP_URL");
        let url = url.unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5673/%2f".to_owned());
        let config = AmqpConfig {
            url: url.into(),
            queue: format!("test-{}.send", uuid::Uuid::new_v4()),
        };
        let broker = Broker::new(&config).unwrap();
        let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut addresses = vec![mute.local_addr().unwrap()];
        addresses.extend(resolve(&broker).await.unwrap());
        let opened = Link::open_at(addresses, &broker, "test").await;
        let link = opened.expect("a RabbitMQ answers: run `make services`");
        for queue in [&broker.queue, &broker.dead] {
            let options = QueueDeleteOptions::default();
            let deleted = link.channel.queue_delete(queue.clone(), options);
            deleted.await.unwrap();
        }
        link.close().await;
    }
}

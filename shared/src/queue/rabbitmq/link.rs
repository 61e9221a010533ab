use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use lapin::tcp::{AsyncTcpStream, TLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties, Event};
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::broker::Broker;
use super::failure::{ANSWER, Failure};

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
    /// Connects, and declares the queues.
    pub(super) async fn open(broker: &Broker, name: &str) -> Result<Self, Failure> {
        let opened = timeout(ANSWER, Self::connect(&broker.uri, name)).await;
        let link = opened.map_err(|_| Failure::Silent)??;
        broker.declare(&link.channel).await?;
        Ok(link)
    }

    // Left to itself the driver takes as long as the system's TCP does to give up, and lets a thread
    // wait for ever for a broker that takes the connection and says nothing.
    async fn connect(uri: &AMQPUri, name: &str) -> Result<Self, Failure> {
        let host = &*uri.authority.host;
        let addresses = lookup_host((host, uri.authority.port)).await;
        let addresses: Vec<_> = addresses.map_err(Failure::Unreachable)?.collect();
        let runtime = lapin::runtime::default_runtime()?;
        let stream = AsyncTcpStream::connect(&runtime, addresses).await;
        let mut stream = stream.map_err(Failure::Unreachable)?;
        let socket = match &stream {
            AsyncTcpStream::Plain(plain) => Socket::of(plain.get_ref()),
            _ => Err(io::ErrorKind::Unsupported.into()),
        };
        let socket = socket.map_err(Failure::Unreachable)?;
        if uri.scheme == AMQPScheme::AMQPS {
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

//! Receivers that speak TLS.

use std::convert::Infallible;
use std::io;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::receiver::{Receiver, answer};
use super::*;

/// Every name is this machine's.
struct Here;

impl Names for Here {
    fn look_up(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        std::future::ready(Ok(vec![ip("127.0.0.1")])).boxed()
    }
}

fn poster() -> Poster {
    let setting = Setting {
        names: Arc::new(Here),
        ..Setting::default()
    };
    setting.poster()
}

/// A receiver with the certificate of `receiver.example` that answers every request with 200.
async fn serve(listener: TcpListener) -> Infallible {
    let chain = include_bytes!("../../../tests/data/receiver.pem");
    let key = include_bytes!("../../../tests/data/receiver.key.pem");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(chain).unwrap()],
            PrivateKeyDer::from_pem_slice(key).unwrap(),
        );
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // Clients that do not like the certificate end here.
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        let mut request = Vec::new();
        while !request.ends_with(BODY) {
            request.push(stream.read_u8().await.unwrap());
        }
        let answer = b"HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        // The client may be quicker.
        let _ = stream.shutdown().await;
    }
}

#[tokio::test]
async fn the_receiver_has_to_prove_its_name() {
    runtime::tls::install_provider();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let poster = poster();
    let posts = async {
        let right = url(&format!("https://receiver.example:{port}/"));
        let taken = post(&poster, &right).await;
        let wrong = url(&format!("https://other.example:{port}/"));
        let address = url(&format!("https://127.0.0.1:{port}/"));
        (
            taken,
            post(&poster, &wrong).await,
            post(&poster, &address).await,
        )
    };
    let (taken, wrong, address) = tokio::select! {
        outcomes = posts => outcomes,
        _ = serve(listener) => unreachable!(),
    };
    assert!(taken.answer.is_taken(), "{taken:?}");
    assert_eq!(wrong, failed(PostFailure::Tls));
    assert_eq!(address, failed(PostFailure::Tls));
}

#[tokio::test]
async fn a_receiver_without_tls_is_not_spoken_to_plainly() {
    let receiver = Receiver::start(answer(200, ""));
    let secure = url(&format!("https://receiver.example:{}/", receiver.port));
    let outcome = post(&poster(), &secure).await;
    assert!(matches!(outcome.answer, Answer::Failed(_)), "{outcome:?}");
}

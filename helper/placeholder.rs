//! A web server in place of a component that has no image and no Dockerfile yet.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use crate::{
    http::{self, Head},
    page, signals,
};

const DEFAULT_PORT: u16 = 8080;

/// Threads that accept; the kernel queues the connections beyond them. Few, because each counts against the
/// container's limit of processes.
const WORKERS: usize = 16;

/// A client that sends or takes nothing this long is dropped, so that idle ones soon make room.
const PATIENCE: Duration = Duration::from_secs(1);

/// For a whole request head.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// Most of a request's body that is read before closing.
const MAX_DRAIN: u64 = 256 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    pub port: u16,
    pub component: String,
    pub workspace: String,
}

impl Options {
    /// `None`: used wrongly.
    pub fn parse(arguments: &[OsString], port_variable: Option<String>) -> Option<Self> {
        let mut options = Self {
            port: port_variable.and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_PORT),
            component: String::new(),
            workspace: String::new(),
        };
        for pair in arguments.chunks(2) {
            let [name, value] = pair else { return None };
            let value = value.to_str()?;
            match name.to_str()? {
                "--port" => options.port = value.parse().ok()?,
                "--component" => options.component = value.to_owned(),
                "--workspace" => options.workspace = value.to_owned(),
                _ => return None,
            }
        }
        Some(options)
    }
}

pub fn serve(options: &Options) -> io::Result<ExitCode> {
    signals::leave_on_terminate();
    let listener = listen(options.port)?;
    println!("placeholder of component {:?} listens on port {}", options.component, options.port);
    thread::scope(|scope| {
        for _ in 1..WORKERS {
            scope.spawn(|| accept(&listener, options));
        }
        accept(&listener, options);
    });
    Ok(ExitCode::SUCCESS)
}

/// On all addresses of both families, or of IPv4 alone where the kernel has no IPv6.
fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).or_else(|_| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)))
}

fn accept(listener: &TcpListener, options: &Options) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                // A client that went away is its own business.
                let _ = answer(stream, options);
            }
            // Out of descriptors: those in use come back as their connections end.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn answer(mut stream: TcpStream, options: &Options) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let response = match http::read_head(&mut stream, Instant::now() + HEAD_LIMIT)? {
        Head::Closed => return Ok(()),
        Head::TooLong => {
            http::response("431 Request Header Fields Too Large", "text/plain", "the head is too long\n", true)
        }
        Head::Complete(head) => page::respond(http::parse(&head).as_ref(), options),
    };
    stream.write_all(response.as_bytes())?;
    // Closing while the client still sends would reset the connection, and the answer with it.
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream.take(MAX_DRAIN), &mut io::sink())?;
    Ok(())
}

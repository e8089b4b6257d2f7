//! Joining standard input and output to a TCP connection made from inside the container.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    process::ExitCode,
    thread,
    time::Duration,
};

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Tries each address the name has.
pub fn connect(target: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{target} has no address"));
    for address in target.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = io::Error::new(error.kind(), format!("{address}: {error}")),
        }
    }
    Err(last)
}

/// Ends when the other side does.
pub fn relay(target: &str) -> io::Result<ExitCode> {
    let mut incoming = connect(target)?;
    let mut outgoing = incoming.try_clone()?;
    incoming.set_nodelay(true)?;
    thread::spawn(move || {
        // Whichever side breaks, the other direction notices by itself.
        let _ = pump(&mut io::stdin().lock(), &mut outgoing);
        let _ = outgoing.shutdown(Shutdown::Write);
    });
    pump(&mut incoming, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// Like `io::copy`, but each piece is passed on at once: the far side may wait for it.
fn pump(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; 32 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                to.write_all(&buffer[..count])?;
                to.flush()?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

//! TCP ports that processes of this network namespace listen on, from `/proc/net/tcp` and `tcp6`.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    process::ExitCode,
};

/// `TCP_LISTEN` of the kernel's include/net/tcp_states.h.
const LISTEN: &str = "0A";

/// Where Docker answers DNS inside the container; it is no program of the workspace.
const DOCKER_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));

pub fn print() -> io::Result<ExitCode> {
    let mut tables = fs::read_to_string("/proc/net/tcp")?;
    // A kernel without IPv6 has no such file.
    tables.push_str(&fs::read_to_string("/proc/net/tcp6").unwrap_or_default());
    writeln!(io::stdout(), "{}", render(&listening(&tables)))?;
    Ok(ExitCode::SUCCESS)
}

/// Each port, and whether only loopback reaches it.
pub fn listening(tables: &str) -> BTreeMap<u16, bool> {
    let mut ports = BTreeMap::new();
    for (address, port) in tables.lines().filter_map(parse_line) {
        if address != DOCKER_DNS {
            *ports.entry(port).or_insert(true) &= address.is_loopback();
        }
    }
    ports
}

pub fn render(ports: &BTreeMap<u16, bool>) -> String {
    let items: Vec<_> = ports
        .iter()
        .map(|(port, loopback)| format!(r#"{{"port":{port},"loopback":{loopback}}}"#))
        .collect();
    format!("[{}]", items.join(","))
}

/// `sl local_address rem_address st …` of a socket that listens.
fn parse_line(line: &str) -> Option<(IpAddr, u16)> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let local = fields.next()?;
    if fields.nth(1)? != LISTEN {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    Some((parse_address(address)?, u16::from_str_radix(port, 16).ok()?))
}

/// The kernel prints addresses as 32-bit words in the byte order of the machine.
fn parse_address(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut octets = [0; 16];
            for (index, chunk) in octets.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(index * 8)?);
            }
            Some(Ipv6Addr::from(octets).to_canonical())
        }
        _ => None,
    }
}

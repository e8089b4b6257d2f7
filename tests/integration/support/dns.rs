//! A DNS server on the loopback that knows what a test tells it.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use hickory_resolver::proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{
        Name, RData, Record,
        rdata::{A, AAAA, CNAME, TXT},
    },
};
use tokio::net::UdpSocket;
use tokio_util::task::AbortOnDropHandle;

type Zone = Arc<Mutex<BTreeMap<String, Vec<RData>>>>;

pub struct DnsServer {
    pub address: SocketAddr,
    zone: Zone,
    _serving: AbortOnDropHandle<()>,
}

impl DnsServer {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Zone::default();
        let serving = AbortOnDropHandle::new(tokio::spawn(serve(socket, zone.clone())));
        Self { address, zone, _serving: serving }
    }

    fn add(&self, name: &str, data: RData) {
        self.zone.lock().unwrap().entry(format!("{name}.")).or_default().push(data);
    }

    /// Each part is one string of the record.
    pub fn txt(&self, name: &str, parts: &[&str]) {
        self.add(name, RData::TXT(TXT::new(parts.iter().map(ToString::to_string).collect())));
    }

    pub fn address(&self, name: &str, address: IpAddr) {
        self.add(
            name,
            match address {
                IpAddr::V4(address) => RData::A(A(address)),
                IpAddr::V6(address) => RData::AAAA(AAAA(address)),
            },
        );
    }

    pub fn alias(&self, name: &str, of: &str) {
        self.add(name, RData::CNAME(CNAME(Name::from_ascii(format!("{of}.")).unwrap())));
    }

    pub fn forget(&self, name: &str) {
        self.zone.lock().unwrap().remove(&format!("{name}."));
    }
}

async fn serve(socket: UdpSocket, zone: Zone) {
    let mut buffer = [0; 4096];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { return };
        let Ok(asked) = Message::from_vec(&buffer[..length]) else { continue };
        let answer = answer(&asked, &zone.lock().unwrap());
        socket.send_to(&answer.to_vec().unwrap(), peer).await.unwrap();
    }
}

fn answer(asked: &Message, zone: &BTreeMap<String, Vec<RData>>) -> Message {
    let mut answer = Message::response(asked.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    let query = asked.queries[0].clone();
    let mut name = query.name().clone();
    let mut is_known = false;
    // Follows aliases, as a resolver does.
    while let Some(found) = zone.get(&name.to_ascii().to_lowercase()) {
        is_known = true;
        let mut next = None;
        for data in found {
            if let RData::CNAME(alias) = data {
                next = Some(alias.0.clone());
            } else if data.record_type() != query.query_type() {
                continue;
            }
            answer.add_answer(Record::from_rdata(name.clone(), 1, data.clone()));
        }
        match next {
            Some(alias) => name = alias,
            None => break,
        }
    }
    if !is_known {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer.queries.push(query);
    answer
}

//! Which addresses a name that a user gave may lead us to. Whoever names a host may not make this server talk to
//! machines that only it can reach.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Not on the public Internet (the special-purpose registries of IANA), or not one host.
const NOT_PUBLIC: [(u8, u8, u8, u8, u8); 15] = [
    (0, 0, 0, 0, 8),
    (10, 0, 0, 0, 8),
    (100, 64, 0, 0, 10),
    (127, 0, 0, 0, 8),
    (169, 254, 0, 0, 16),
    (172, 16, 0, 0, 12),
    (192, 0, 0, 0, 24),
    (192, 0, 2, 0, 24),
    (192, 88, 99, 0, 24),
    (192, 168, 0, 0, 16),
    (198, 18, 0, 0, 15),
    (198, 51, 100, 0, 24),
    (203, 0, 113, 0, 24),
    (224, 0, 0, 0, 4),
    (240, 0, 0, 0, 4),
];

/// Unicast on the public Internet (RFC 4291); of it, these are tunnels to other addresses, or documentation.
const PUBLIC_6: (u16, u8) = (0x2000, 3);
const NOT_PUBLIC_6: [(u16, u16, u8); 4] =
    [(0x2001, 0, 23), (0x2001, 0xdb8, 32), (0x2002, 0, 16), (0x3fff, 0, 20)];

#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Networks that an administrator allows besides the public ones.
    pub allowed: Vec<IpNet>,
    /// Networks that are never reached, whatever is allowed.
    pub never: Vec<IpNet>,
}

impl Reach {
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let among = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
        !among(&self.never) && (is_public(address) || among(&self.allowed))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => NOT_PUBLIC.iter().all(|(a, b, c, d, prefix)| {
            Ipv4Net::new([*a, *b, *c, *d].into(), *prefix).is_ok_and(|network| !network.contains(&address))
        }),
        IpAddr::V6(address) => {
            let within = |first, second, prefix| {
                let base = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
                Ipv6Net::new(base, prefix).is_ok_and(|network| network.contains(&address))
            };
            within(PUBLIC_6.0, 0, PUBLIC_6.1)
                && !NOT_PUBLIC_6.iter().any(|(first, second, prefix)| within(*first, *second, *prefix))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_public_addresses_are_reached() {
        let reach = Reach::default();
        for public in
            ["1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"]
        {
            assert!(reach.admits(address(public)), "{public}");
        }
        for other in [
            "0.0.0.0",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!reach.admits(address(other)), "{other}");
        }
    }

    #[test]
    fn an_administrator_allows_more_but_never_workspaces() {
        let reach = Reach {
            allowed: vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            never: vec!["10.201.0.0/16".parse().unwrap()],
        };
        assert!(reach.admits(address("10.1.2.3")) && reach.admits(address("::1")));
        assert!(reach.admits(address("::ffff:10.1.2.3")));
        assert!(!reach.admits(address("10.201.0.2")) && !reach.admits(address("::ffff:10.201.0.2")));
        assert!(!reach.admits(address("127.0.0.1")));
    }
}

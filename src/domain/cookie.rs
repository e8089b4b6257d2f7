//! Which cookies are the platform's, and which a workspace's own: neither sees or sets the other's.

/// Name of the cookie that lets a browser into one address.
pub const PASS: &str = "devsanctum_pass";
/// In front of the names of ours, over TLS.
pub const HOST_PREFIX: &str = "__Host-";

/// Cookie names are compared without regard to case here, to be on the safe side of every parser.
pub fn is_platform_cookie(name: &[u8]) -> bool {
    let name = name.trim_ascii();
    let begins =
        |prefix: &[u8]| name.len() >= prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix);
    begins(b"devsanctum_") || begins(b"__Host-devsanctum") || begins(b"__Secure-devsanctum")
}

/// `=a=b` has no name, but browsers send it back as `a=b`.
pub fn name_of(cookie: &[u8]) -> &[u8] {
    let start =
        cookie.iter().position(|byte| *byte != b'=' && !byte.is_ascii_whitespace()).unwrap_or(cookie.len());
    cookie[start..].split(|byte| *byte == b'=').next().unwrap_or_default()
}

/// The workspace's own cookies of these `Cookie` headers, as one (HTTP/2 may send them one by one; RFC 9113, 8.2.3).
pub fn own_cookies<'a>(headers: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut kept = Vec::new();
    for pair in headers.flat_map(|value| value.split(|byte| *byte == b';')) {
        let pair = pair.trim_ascii();
        if pair.is_empty() || is_platform_cookie(name_of(pair)) {
            continue;
        }
        if !kept.is_empty() {
            kept.extend_from_slice(b"; ");
        }
        kept.extend_from_slice(pair);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_workspaces_own_are_kept() {
        let own = |headers: &[&str]| {
            String::from_utf8(own_cookies(headers.iter().map(|header| header.as_bytes()))).unwrap()
        };
        assert_eq!(own(&["a=b; devsanctum_pass=x;c=d", "__Host-devsanctum_pass=x"]), "a=b; c=d");
        assert_eq!(own(&["DevSanctum_pass=x", " =devsanctum_pass=x", "__secure-DEVSANCTUM_x=y"]), "");
        assert_eq!(own(&["my_devsanctum_pass=x", "theme=dark"]), "my_devsanctum_pass=x; theme=dark");
        assert_eq!(own(&[]), "");
    }
}

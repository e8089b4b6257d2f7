//! Cookies at the border between the platform and a component: neither sees or sets the other's.

use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, Entry, SET_COOKIE},
};

use crate::domain::cookie::{is_platform_cookie, name_of, own_cookies};

/// Leaves only the component's own cookies.
pub(super) fn strip_request(headers: &mut HeaderMap) {
    let Entry::Occupied(values) = headers.entry(COOKIE) else { return };
    let single = values.iter().nth(1).is_none();
    if single
        && !values.get().as_bytes().split(|byte| *byte == b';').any(|pair| is_platform_cookie(name_of(pair)))
    {
        return;
    }
    let kept = own_cookies(values.iter().map(HeaderValue::as_bytes));
    values.remove_entry_mult();
    if !kept.is_empty()
        && let Ok(value) = HeaderValue::from_maybe_shared(bytes::Bytes::from(kept))
    {
        headers.insert(COOKIE, value);
    }
}

/// Drops cookies in our name. The others stay, but only for the host that set them: an attribute `Domain` would hand them
/// to the other workspaces and to the control plane, where they could shadow a cookie of ours.
pub(super) fn restrict_response(headers: &mut HeaderMap) {
    let Entry::Occupied(values) = headers.entry(SET_COOKIE) else { return };
    let (_, values) = values.remove_entry_mult();
    let kept: Vec<HeaderValue> = values
        .filter(|value| !is_platform_cookie(name_of(value.as_bytes())))
        .filter_map(without_domain)
        .collect();
    for value in kept {
        headers.append(SET_COOKIE, value);
    }
}

fn without_domain(cookie: HeaderValue) -> Option<HeaderValue> {
    let is_domain = |attribute: &[u8]| name_of(attribute).trim_ascii().eq_ignore_ascii_case(b"domain");
    let parts = || cookie.as_bytes().split(|byte| *byte == b';');
    if !parts().skip(1).any(is_domain) {
        return Some(cookie);
    }
    let kept: Vec<&[u8]> =
        parts().enumerate().filter(|(i, part)| *i == 0 || !is_domain(part)).map(|(_, p)| p).collect();
    HeaderValue::from_bytes(&kept.join(&b';')).ok()
}

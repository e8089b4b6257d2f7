//! Paths that a manifest names, on both sides.

/// The path below the template's directory without `./` and doubled slashes; `.` for the directory itself. An error
/// says why it would not stay inside.
pub fn relative(path: &str) -> Result<String, &'static str> {
    if path.is_empty() {
        return Err("must not be empty");
    }
    if path.starts_with('/') {
        return Err("must be relative to the template's directory, not absolute");
    }
    if path.contains(['\\', ':']) {
        return Err("must be written with slashes, like ./frontend, without backslashes and colons");
    }
    if path.chars().any(char::is_control) {
        return Err("must not hold control characters");
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err("must stay inside the template's directory: \"..\" is not allowed");
    }
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// Joins what [`relative`] gave.
pub fn join(directory: &str, file: &str) -> String {
    if directory == "." { file.to_owned() } else { format!("{directory}/{file}") }
}

/// Why nothing may be mounted there, or the container cannot work there.
pub fn check_absolute(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err("must be an absolute path in the container, like /data");
    }
    // A colon would end the path in Docker's own notation.
    if path.chars().any(|c| c.is_control() || c == ':' || c == '\\') {
        return Err("must not hold colons, backslashes or control characters");
    }
    if path.split('/').any(|part| matches!(part, "." | "..")) {
        return Err("must not hold \".\" or \"..\"");
    }
    Ok(())
}

/// As [`check_absolute`], and not where a volume would hide what the container lives on.
pub fn check_mount(path: &str) -> Result<(), &'static str> {
    /// With everything below.
    const KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];
    const SYSTEM: [&str; 9] = ["/", "/bin", "/boot", "/etc", "/lib", "/lib64", "/sbin", "/usr", "/run"];
    check_absolute(path)?;
    let path = without_trailing_slash(path);
    if SYSTEM.contains(&path) {
        return Err("would hide the container's own system; choose a directory like /data");
    }
    if KERNEL.iter().any(|kernel| path == *kernel || path.starts_with(&format!("{kernel}/"))) {
        return Err("belongs to the kernel; choose a directory like /data");
    }
    if path.ends_with("docker.sock") {
        return Err("is the place of Docker's socket, which no container gets");
    }
    Ok(())
}

/// Two spellings of one place are one.
pub fn without_trailing_slash(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn inside_paths_are_put_in_one_form() {
        for (path, same) in
            [("./frontend", "frontend"), (".", "."), ("./", "."), ("a//b/./c/", "a/b/c"), ("..a", "..a")]
        {
            assert_eq!(relative(path).as_deref(), Ok(same));
        }
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in ["", "/etc", "..", "a/../b", "../x", "a/..", "..\\x", "C:/x", "a\0b", "a\nb", "//x"] {
            assert!(relative(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn mounts_stay_away_from_the_system() {
        for path in [
            "data",
            "/",
            "//",
            "/proc/sys",
            "/etc/",
            "/a/../etc",
            "/data:ro",
            "/var/run/docker.sock",
            "/dev/shm",
        ] {
            assert!(check_mount(path).is_err(), "{path:?}");
        }
        for path in ["/data", "/root", "/home/coder", "/var/lib/postgresql/data", "/usr/share/nginx/html"] {
            assert!(check_mount(path).is_ok(), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_never_climbs(path in "[./a\\\\:]{0,12}") {
            if let Ok(inside) = relative(&path) {
                prop_assert!(!inside.starts_with('/') && inside.split('/').all(|part| part != ".."));
                prop_assert_eq!(relative(&inside), Ok(inside.clone()));
            }
        }
    }
}

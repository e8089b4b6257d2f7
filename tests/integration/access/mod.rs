//! Who may open a workspace's address, seen from outside: through the proxy in the binary, and through a real Traefik that
//! asks the server about each request.

mod browsers;
mod domains;
mod endings;
mod figures;
mod forward_auth;
mod hygiene;
mod identity;
mod matrix;
mod revocation;
mod terminals;
mod world;

/// Runs cases through one way in, each with a world of its own.
macro_rules! cases {
    ($name:ident, $start:path: $($file:ident { $($case:ident),* $(,)? })*) => {
        mod $name {
            $(mod $file {
                use super::super::super::$file;

                $(#[tokio::test]
                async fn $case() {
                    let world = $start().await;
                    $file::$case(&world).await;
                    world.end().await;
                })*
            })*
        }
    };
}

macro_rules! suite {
    ($name:ident, $start:path) => {
        cases! { $name, $start:
            browsers {
                a_browser_is_sent_to_sign_in_and_comes_back_with_a_pass,
                a_ticket_is_good_once_for_its_address_in_its_browser_and_for_half_a_minute,
                coming_in_leads_nowhere_else,
                a_pass_opens_its_own_address_and_no_other,
                pages_of_other_workspaces_act_on_no_pass,
                somebody_elses_ticket_makes_nobody_visit_as_them,
            }
            hygiene { nothing_of_the_platforms_reaches_a_component }
            matrix {
                each_visibility_lets_in_whom_it_names,
                a_token_comes_in_by_its_scope_and_goes_no_further,
                tickets_are_for_addresses_and_for_people,
            }
            revocation {
                signing_out_closes_all_addresses,
                whoever_leaves_the_organization_is_out,
                an_address_that_is_shown_to_fewer_is_so_at_once,
                an_organization_limits_how_far_its_addresses_are_shown,
            }
        }
    };
}

/// Where requests pass through us.
macro_rules! through_us {
    ($name:ident, $start:path) => {
        cases! { $name, $start: revocation { streams_and_sockets_end_with_the_right_to_them } }
    };
}

mod ways_in {
    suite!(embedded, crate::access::world::embedded::start);
    suite!(traefik_rest, crate::access::world::traefik_rest::start);
    suite!(traefik_http, crate::access::world::traefik_http::start);
    suite!(traefik_file, crate::access::world::traefik_file::start);
    suite!(traefik_wildcard, crate::access::world::traefik_wildcard::start);
}

mod open_connections {
    through_us!(embedded, crate::access::world::embedded::start);
    through_us!(traefik_wildcard, crate::access::world::traefik_wildcard::start);
}

//! What every data plane does, seen through real sockets: clients in front, components behind.

mod backends;
mod bodies;
mod churn;
mod domains;
mod embedded;
mod estate;
mod hygiene;
mod identity;
mod in_force;
mod introductions;
mod restarts;
mod routing;
mod scale;
mod smuggling;
mod soak;
mod states;
mod traefik;
mod upgrades;
pub mod world;

/// Runs cases on one data plane, each with a plane of its own.
macro_rules! cases {
    ($plane:ident, $start:path: $($file:ident { $($case:ident),* $(,)? })*) => {
        mod $plane {
            $(mod $file {
                use super::super::super::{$file, world::World};

                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let world = World::around($start().await);
                    $file::$case(&world).await;
                    world.end().await;
                })*
            })*
        }
    };
}

/// The whole suite on one data plane.
macro_rules! suite {
    ($plane:ident, $start:path) => {
        cases! { $plane, $start:
            routing {
                a_route_leads_to_its_component,
                host_names_are_compared_without_case_port_and_dot,
                unknown_hosts_are_not_found,
                other_hosts_are_the_control_plane,
                ambiguous_hosts_are_refused,
                publishing_all_replaces_everything,
                publishing_one_workspace_leaves_the_others,
                both_protocol_versions_are_served,
            }
            domains {
                a_custom_domain_leads_to_its_component,
                a_custom_domain_that_is_taken_back_leads_nowhere,
                a_custom_domain_says_why_its_component_is_not_there,
                a_custom_domain_that_is_taken_back_ends_its_tunnels,
                no_custom_domain_hides_the_control_plane,
            }
            bodies {
                large_bodies_arrive_whole_both_ways,
                events_arrive_as_they_are_sent,
                a_slow_reader_holds_the_component_back,
                trailers_pass,
                head_answers_keep_their_length,
                expectations_are_met_when_the_body_is_wanted,
                a_get_with_a_body_keeps_it,
                large_headers_pass,
                a_body_that_breaks_off_is_seen_as_broken,
            }
            hygiene {
                a_component_sees_who_asks_and_nothing_of_the_platform,
                connection_headers_stay_on_their_connection,
                a_component_cannot_speak_for_the_platform,
                a_length_beside_chunks_is_not_believed,
                cookies_of_http2_arrive_in_one_line,
            }
            introductions {
                no_client_says_who_visits,
                no_client_says_who_visits_in_an_upgrade,
                no_client_says_who_visits_by_naming_it_in_connection,
                no_client_says_who_visits_after_the_body,
                other_trailers_are_left,
            }
            upgrades {
                websockets_echo,
                websockets_pass_half_closed,
                a_refused_upgrade_is_an_ordinary_answer,
                bytes_before_the_switch_do_not_reach_the_component_early,
                http2_over_an_upgrade_is_not_offered,
                a_withdrawn_route_ends_its_tunnels,
            }
            states {
                routes_that_are_not_live_say_why,
                people_get_a_page,
                what_nobody_vouches_for_any_more_is_not_routed,
                a_component_that_is_down_is_a_bad_gateway,
                a_component_that_never_answers_is_a_gateway_timeout,
            }
            identity {
                connections_are_used_again,
                a_dead_connection_is_replaced_once,
                a_request_with_a_body_is_not_sent_twice,
                a_reused_address_is_not_reached_through_its_old_host,
                what_waits_for_an_answer_is_not_sent_to_whoever_comes_next,
                a_connection_made_for_a_withdrawn_route_is_not_used,
                a_workspace_that_moves_is_followed,
            }
            churn { every_answer_is_from_the_right_workspace }
            scale { all_of_many_routes_are_right_and_one_can_change }
            smuggling { ambiguous_requests_are_refused_or_harmless }
        }
    };
}

/// What a Traefik in front of us does as well. The rest of the suite is about what only we do: pages for components that
/// do not answer, what the platform keeps from components, and refusing what two readers might read differently.
macro_rules! behind_traefik {
    ($plane:ident, $start:path) => {
        cases! { $plane, $start:
            routing {
                a_route_leads_to_its_component,
                host_names_are_compared_without_case_port_and_dot,
                publishing_all_replaces_everything,
                publishing_one_workspace_leaves_the_others,
                both_protocol_versions_are_served,
            }
            domains {
                a_custom_domain_leads_to_its_component,
                a_custom_domain_that_is_taken_back_leads_nowhere,
                a_custom_domain_says_why_its_component_is_not_there,
            }
            bodies {
                large_bodies_arrive_whole_both_ways,
                events_arrive_as_they_are_sent,
                a_slow_reader_holds_the_component_back,
                head_answers_keep_their_length,
                a_get_with_a_body_keeps_it,
                large_headers_pass,
            }
            hygiene { connection_headers_stay_on_their_connection }
            introductions {
                no_client_says_who_visits,
                no_client_says_who_visits_in_an_upgrade,
                no_client_says_who_visits_by_naming_it_in_connection,
                no_client_says_who_visits_after_the_body,
            }
            upgrades {
                websockets_echo,
                websockets_pass_half_closed,
            }
            states {
                routes_that_are_not_live_say_why,
                people_get_a_page,
            }
            identity {
                connections_are_used_again,
                a_workspace_that_moves_is_followed,
            }
            churn { every_answer_is_from_the_right_workspace }
            scale { all_of_many_routes_are_right_and_one_can_change }
        }
    };
}

mod planes {
    suite!(embedded, crate::contract::proxy::embedded::start);
    behind_traefik!(traefik_rest, crate::contract::proxy::traefik::rest::start);
    behind_traefik!(traefik_http, crate::contract::proxy::traefik::http::start);
    behind_traefik!(traefik_file, crate::contract::proxy::traefik::file::start);
    behind_traefik!(traefik_wildcard, crate::contract::proxy::traefik::wildcard::start);
}

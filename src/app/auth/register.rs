//! Making an account: with an invitation, or without one where the installation is open.

use serde_json::{Value, json};

use super::{Origin, SignedIn, open_session, password, setup_required};
use crate::{
    app::{App, AppError, AppResult, audit, invitations},
    domain::{
        names::{Email, Username},
        secret::Secret,
        user::User,
    },
    ports::repository::StoreError,
};

#[derive(Debug, Clone)]
pub struct Registration {
    /// The address comes from the invitation.
    pub invitation: Option<Secret>,
    pub email: Option<Email>,
    pub username: Username,
    pub password: Secret,
    pub display_name: String,
}

/// Makes the account, a member where somebody was invited, and signs in.
pub async fn register(app: &App, new: Registration, origin: &Origin) -> AppResult<SignedIn> {
    if setup_required(app).await? {
        return Err(AppError::Conflict {
            code: "setup_required",
            detail: "the installation is not set up yet".into(),
        });
    }
    let invited = match &new.invitation {
        Some(token) => Some(invitations::show(app, token).await?),
        None if app.settings.open_registration => None,
        None => {
            return Err(AppError::Denied {
                code: "registration_closed",
                detail: "an account is made by invitation here; ask somebody for one".into(),
            });
        }
    };
    let email = match (invited, new.email) {
        (Some(shown), None) => shown.invitation.email,
        (Some(shown), Some(email)) if shown.invitation.email == email => email,
        (Some(_), Some(_)) => {
            return Err(AppError::invalid("email", "wrong_address", "must be the address of the invitation"));
        }
        (None, Some(email)) => email,
        (None, None) => {
            return Err(AppError::invalid("email", "required", "must be given without an invitation"));
        }
    };
    password::accept("password", &new.password, &[new.username.as_str(), email.local_part()])?;
    let hash = app.hasher.hash(new.password).await?;

    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let user = User {
        id: app.random.id(now),
        username: new.username,
        email,
        display_name: new.display_name,
        platform_admin: false,
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    let (id, name) = (user.id, user.username.clone());
    // Read again: it may have been used while the hasher worked.
    let invitation = match &new.invitation {
        Some(token) => Some(invitations::open(app, work.as_mut(), token).await?.0),
        None => None,
    };
    work.users().add(&user, Some(&hash)).await.map_err(|error| match error {
        StoreError::Taken("email") => AppError::Conflict {
            code: "account_exists",
            detail: "there is an account with this mail address; sign in instead".into(),
        },
        error => error.into(),
    })?;
    let entry = audit::at_the_door(app, origin, "user.register", Some(id), id, now);
    let entry = crate::domain::audit::AuditEntry {
        detail: json!({ "email": user.email, "invited": invitation.is_some() }),
        ..entry
    };
    work.audit().append(&entry.named(name.as_str())).await?;
    if let Some(invitation) = invitation {
        let detail: Value = invitations::join(app, work.as_mut(), &invitation, id).await?;
        let entry = audit::at_the_door(app, origin, "invitation.accept", Some(id), id, now);
        let entry = crate::domain::audit::AuditEntry { detail, org_id: Some(invitation.org_id), ..entry };
        work.audit().append(&entry.named(name.as_str())).await?;
    }
    let signed_in = open_session(app, work.as_mut(), user, origin, now).await?;
    work.commit().await?;
    app.feed.wake();
    Ok(signed_in)
}

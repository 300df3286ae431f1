//! Creating a session: other platforms' names, known data, pictures of the link.

use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::support::{SESSIONS, server_and_live};

/// Every alias of spec/sessions.md, "Create", and what it stands for.
const ALIASES: &[(&str, &str)] = &[
    ("name-first", "fields.first_name"),
    ("name-middle", "fields.middle_name"),
    ("name-last", "fields.last_name"),
    ("birthdate", "fields.date_of_birth"),
    ("email-address", "fields.email"),
    ("phone-number", "fields.phone"),
    ("social-security-number", "fields.ssn"),
    ("address-street-1", "fields.address.line1"),
    ("address-street-2", "fields.address.line2"),
    ("address-city", "fields.address.city"),
    ("address-subdivision", "fields.address.state"),
    ("address-postal-code", "fields.address.zip"),
    ("address-country-code", "fields.address.country"),
    ("identification-number", "fields.document_number"),
];

fn value_for(alias: &str) -> &'static str {
    match alias {
        "birthdate" => "1990-01-31",
        "email-address" => "jane@example.org",
        _ => "x",
    }
}

/// A workflow that demands every field that an alias stands for.
async fn demanding(live: &Client) -> String {
    let mut fields = json!({});
    for (_, target) in ALIASES {
        let name = target.strip_prefix("fields.").unwrap();
        fields[name] = json!({"required": true});
    }
    let body = json!({
        "name": "Form", "steps": [{"policy": "auto_approve"}],
        "data_requirements": {"document": {"required": false}, "user_info": {"fields": fields}},
    });
    let made = live.post("/api/v1/workflows").json(body).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

fn camel(text: &str) -> String {
    let mut words = text.split('-');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| {
        let (head, rest) = word.split_at(1);
        name + &head.to_uppercase() + rest
    })
}

#[tokio::test]
async fn every_alias_of_known_data_reaches_its_field() {
    let (_server, live) = server_and_live().await;
    let workflow = demanding(&live).await;
    for casing in ["kebab", "snake", "camel"] {
        for missing in 0..=ALIASES.len() {
            let mut body = json!({"inquiry-template-id": workflow});
            for (position, (alias, _)) in ALIASES.iter().enumerate() {
                let name = match casing {
                    "kebab" => (*alias).to_owned(),
                    "snake" => alias.replace('-', "_"),
                    _ => camel(alias),
                };
                if position != missing {
                    body[name] = json!(value_for(alias));
                }
            }
            // Each left out once, and last of all none: that is the whole form.
            let session = live.session(body).await;
            let answer = live.act(&session, "submit").await;
            match ALIASES.get(missing) {
                Some((_, target)) => answer.invalid_field(target),
                None => {
                    answer.ok(200);
                }
            }
            if casing != "kebab" && missing == 0 {
                break;
            }
        }
    }
}

#[tokio::test]
async fn aliases_of_the_session_itself() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(json!([{"policy": "auto_approve"}])).await;
    for template in ["inquiry-template-id", "template-id", "templateId"] {
        let session = live
            .session(
                json!({"reference-id": "customer-1", "country-code": "DE", template: workflow,
                "redirect-uri": "https://shop.example/done"}),
            )
            .await;
        let found = live.look(&session).await;
        assert_eq!(found["external_ref"], "customer-1");
        assert_eq!(found["country"], "DE");
        assert_eq!(found["workflow_id"], workflow);
    }
    let enveloped =
        json!({"data": {"attributes": {"referenceId": "customer-2", "countryCode": "FR"}}});
    let session = live.session(enveloped).await;
    assert_eq!(live.look(&session).await["external_ref"], "customer-2");
    // The own name wins over its alias, and an alias is checked like its field.
    let session = live
        .session(json!({"external_ref": "own", "reference-id": "alias"}))
        .await;
    assert_eq!(live.look(&session).await["external_ref"], "own");
    // Null says nothing.
    let session = live
        .session(json!({"external_ref": null, "reference-id": "alias"}))
        .await;
    assert_eq!(live.look(&session).await["external_ref"], "alias");
    live.post(SESSIONS)
        .json(json!({"country-code": "Germany"}))
        .await
        .invalid_field("country");
    let bad = json!({"redirect-uri": "http://shop.example"});
    live.post(SESSIONS)
        .json(bad)
        .await
        .invalid_field("redirect_url");
}

#[tokio::test]
async fn known_data_has_rules_and_is_not_shown() {
    let (server, live) = server_and_live().await;
    for (fields, path) in [
        (json!({"first_name": 1}), "fields.first_name"),
        (json!({"first_name": "x".repeat(256)}), "fields.first_name"),
        (
            json!({"date_of_birth": "31.01.1990"}),
            "fields.date_of_birth",
        ),
        (json!({"email": "nobody"}), "fields.email"),
        (json!({"address": "somewhere"}), "fields.address"),
        (json!({"address": {"city": []}}), "fields.address.city"),
        (json!([]), "fields"),
    ] {
        live.post(SESSIONS)
            .json(json!({ "fields": fields }))
            .await
            .invalid_field(path);
    }
    let known = json!({"first_name": "PII-first", "shoe_size": 7, "address": {"city": "PII-city"}});
    let session = live.session(json!({ "fields": known })).await;
    let found = live.look(&session).await;
    assert!(!found.to_string().contains("PII-"), "{found}");
    let rows =
        "SELECT coalesce(external_ref, '') || tags || coalesce(redirect_url, '') FROM sessions";
    for row in server.installation.database.texts(rows).await {
        assert!(!row.contains("PII-"), "{row}");
    }
}

#[tokio::test]
async fn the_link_as_a_picture_when_it_is_asked_for() {
    let (_server, live) = server_and_live().await;
    // All of its fields are optional, and so is the body.
    let plain = live.post(SESSIONS).await.ok(201);
    assert_eq!(plain["qr_code_data_url"], Value::Null);
    let path = format!("{SESSIONS}?include=qr");
    let made = live.post(&path).json(json!({})).await.ok(201);
    let picture = made["qr_code_data_url"].as_str().unwrap();
    assert!(
        picture.starts_with("data:image/png;base64,iVBORw0KGgo"),
        "{picture:.40}"
    );
    let session = made["id"].as_str().unwrap();
    let single = live
        .get(&format!("{SESSIONS}/{session}?include=qr"))
        .await
        .ok(200);
    assert_eq!(single["qr_code_data_url"], *picture);
}

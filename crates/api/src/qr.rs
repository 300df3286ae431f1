//! QR codes of capture links as PNG data URLs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use qrcode::{EcLevel, QrCode};

/// Pixels of one module.
const MODULE: usize = 6;
/// Light modules around the code (ISO/IEC 18004 §6.3.8).
const QUIET: usize = 4;

/// The code of a text as `data:image/png;base64,…`; `None` when the text is too long for one.
pub(crate) fn data_url(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let modules = code.width();
    let side = (modules + 2 * QUIET) * MODULE;
    let mut pixels = vec![255_u8; side * side];
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            let left = (index % modules + QUIET) * MODULE;
            let top = (index / modules + QUIET) * MODULE;
            for row in pixels.chunks_exact_mut(side).skip(top).take(MODULE) {
                row.iter_mut()
                    .skip(left)
                    .take(MODULE)
                    .for_each(|pixel| *pixel = 0);
            }
        }
    }
    let mut png = Vec::new();
    let side = u32::try_from(side).ok()?;
    PngEncoder::new(&mut png)
        .write_image(&pixels, side, side, ExtendedColorType::L8)
        .ok()?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_square_picture_with_a_quiet_zone() {
        let url = data_url("https://id.example.org/verify/tok_0123456789abcdefghjkmnpqrs").unwrap();
        let png = STANDARD
            .decode(url.strip_prefix("data:image/png;base64,").unwrap())
            .unwrap();
        let picture = image::load_from_memory(&png).unwrap().into_luma8();
        assert_eq!(picture.width(), picture.height());
        let at = |n: usize| picture.get_pixel(n as u32, n as u32).0[0];
        assert_eq!(at(QUIET * MODULE - 1), 255);
        // The finder pattern begins with a dark module.
        assert_eq!(at(QUIET * MODULE), 0);
        assert!(data_url(&"x".repeat(5000)).is_none());
    }
}

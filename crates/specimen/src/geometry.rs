//! Points, affine maps and the plane projection between a document and its photograph.

/// A point; x to the right, y down, in pixels unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

pub(crate) const fn point(x: f32, y: f32) -> Point {
    Point { x, y }
}

impl Point {
    pub(crate) fn toward(self, other: Self, share: f32) -> Self {
        point(
            self.x + (other.x - self.x) * share,
            self.y + (other.y - self.y) * share,
        )
    }
}

/// `x' = a·x + c·y + e`, `y' = b·x + d·y + f`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Affine {
    pub(crate) a: f32,
    pub(crate) b: f32,
    pub(crate) c: f32,
    pub(crate) d: f32,
    pub(crate) e: f32,
    pub(crate) f: f32,
}

impl Affine {
    /// Scales, turns clockwise by `angle` radians, then moves to `origin`.
    pub(crate) fn placed(origin: Point, scale_x: f32, scale_y: f32, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self {
            a: scale_x * cos,
            b: scale_x * sin,
            c: -scale_y * sin,
            d: scale_y * cos,
            e: origin.x,
            f: origin.y,
        }
    }

    pub(crate) fn apply(&self, p: Point) -> Point {
        point(
            self.a * p.x + self.c * p.y + self.e,
            self.b * p.x + self.d * p.y + self.f,
        )
    }
}

/// A projective map of the plane, row by row; the last coefficient is 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Projection([f64; 8]);

impl Projection {
    /// The map that takes each `from` corner to the `to` corner; `None` when three lie in a line.
    pub(crate) fn between(from: [Point; 4], to: [Point; 4]) -> Option<Self> {
        let mut rows: Vec<[f64; 9]> = Vec::with_capacity(8);
        for (source, target) in from.into_iter().zip(to) {
            let (x, y) = (f64::from(source.x), f64::from(source.y));
            let (u, v) = (f64::from(target.x), f64::from(target.y));
            rows.push([x, y, 1.0, 0.0, 0.0, 0.0, -x * u, -y * u, u]);
            rows.push([0.0, 0.0, 0.0, x, y, 1.0, -x * v, -y * v, v]);
        }
        solve(rows).map(Self)
    }

    pub(crate) fn apply(&self, p: Point) -> Point {
        let (x, y) = (f64::from(p.x), f64::from(p.y));
        let row = |at: usize| self.0[at] * x + self.0[at + 1] * y;
        let scale = row(6) + 1.0;
        point(
            ((row(0) + self.0[2]) / scale) as f32,
            ((row(3) + self.0[5]) / scale) as f32,
        )
    }
}

/// Gauss-Jordan elimination with pivoting over eight equations in eight unknowns.
fn solve(mut rows: Vec<[f64; 9]>) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|a, b| {
            let size = |row: usize| rows.get(row).map_or(0.0, |row| row[column].abs());
            size(*a).total_cmp(&size(*b))
        })?;
        rows.swap(column, pivot);
        let mut pivot_row = *rows.get(column)?;
        let lead = pivot_row[column];
        if lead.abs() < 1e-9 {
            return None;
        }
        for value in &mut pivot_row {
            *value /= lead;
        }
        for (index, row) in rows.iter_mut().enumerate() {
            if index == column {
                *row = pivot_row;
                continue;
            }
            let factor = row[column];
            for (value, pivot_value) in row.iter_mut().zip(pivot_row) {
                *value -= factor * pivot_value;
            }
        }
    }
    let mut solution = [0.0; 8];
    for (value, row) in solution.iter_mut().zip(&rows) {
        *value = row[8];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_takes_corners_to_corners() {
        let from = [
            point(0.0, 0.0),
            point(100.0, 0.0),
            point(100.0, 60.0),
            point(0.0, 60.0),
        ];
        let to = [
            point(10.0, 20.0),
            point(205.0, 12.0),
            point(190.0, 130.0),
            point(5.0, 140.0),
        ];
        let projection = Projection::between(from, to).unwrap();
        for (source, target) in from.into_iter().zip(to) {
            let image = projection.apply(source);
            assert!((image.x - target.x).abs() < 0.01 && (image.y - target.y).abs() < 0.01);
        }
        let line = [
            point(0.0, 0.0),
            point(1.0, 0.0),
            point(2.0, 0.0),
            point(3.0, 0.0),
        ];
        assert!(Projection::between(line, to).is_none());
    }
}

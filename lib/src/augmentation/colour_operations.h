#pragma once

#include "augmentation/pixel_view.h"

namespace mobireg {

// Grey is ITU-R 601's 0.299 R + 0.587 G + 0.114 B. "Clipped": results below 0 become 0, those above
// 255 become 255. What works on colour leaves images of one channel as they are.

/// 255 (x / 255)^gamma; x is clipped before.
void gamma_correction(const PixelView& image, double gamma);

/// factor x + (1 - factor) m, clipped; m is the mean of the grey image. torchvision's
/// adjust_contrast, Pillow's ImageEnhance.Contrast.
void change_contrast(const PixelView& image, double factor);

/// Turns the colours by `degrees` about the grey axis, clipped: a rotation of I and Q in YIQ, so
/// that brightness Y stays. Positive as in HSV: red, yellow, green.
void turn_hue(const PixelView& image, double degrees);

/// factor x + (1 - factor) grey, clipped. torchvision's adjust_saturation, Pillow's
/// ImageEnhance.Color.
void change_saturation(const PixelView& image, double factor);

/// x + amount (grey - x).
void grayscale(const PixelView& image, double amount);

}  // namespace mobireg

#pragma once

/// In the place of ESPHome's: enough to compile what holds texts for the user, and nothing else.
namespace esphome {

using LogString = char;

}  // namespace esphome

#define LOG_STR(text) (text)

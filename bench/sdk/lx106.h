#pragma once

/// What the driver's files need of Arduino's core for the ESP8266 and of lwIP, to be compiled and sized without them.
/// Only declarations, and nothing of what they would do; included before everything else.

#include <strings.h>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// Flash is read by functions of its own; here they are those of memory.
#define PROGMEM
#define PGM_P const char *
#define PSTR(text) (text)
#define F(text) (reinterpret_cast<const __FlashStringHelper *>(text))
#define IRAM_ATTR
#define ICACHE_RAM_ATTR
#define F_CPU 80000000L
#define pgm_read_byte(address) (*reinterpret_cast<const uint8_t *>(address))
#define pgm_read_word(address) (*reinterpret_cast<const uint16_t *>(address))
#define pgm_read_ptr(address) (*reinterpret_cast<const void *const *>(address))
#define memcpy_P memcpy
#define memcmp_P memcmp
#define strlen_P strlen
#define strnlen_P strnlen
#define strcmp_P strcmp
#define strncmp_P strncmp
#define strncpy_P strncpy
#define strncasecmp_P strncasecmp
#define strcasecmp_P strcasecmp
#define strcat_P strcat
#define snprintf_P snprintf
#define vsnprintf_P vsnprintf

class __FlashStringHelper;
class String;
class SPIClass;
class HardwareSerial;
class Stream;

extern "C" {
void esp_schedule();
uint32_t esp_get_cycle_count();
size_t strnlen(const char *text, size_t most);
void yield();
}
void esp_delay(uint32_t ms, bool (*is_blocked)() = nullptr);

struct EspClass {
  uint32_t getFreeHeap();
  uint32_t getMaxFreeBlockSize();
};
extern EspClass ESP;

// lwIP
using err_t = int8_t;
using u8_t = uint8_t;
using u16_t = uint16_t;
struct ip_addr_t {
  uint32_t addr;
};
using ip4_addr_t = ip_addr_t;
struct in_addr {
  uint32_t s_addr;
};
struct tcp_pcb;
struct pbuf;
struct netif;

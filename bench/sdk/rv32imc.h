#pragma once

/// What the driver's files need of ESP-IDF, FreeRTOS and lwIP on an ESP32-C3, to be compiled and sized without them.
/// Only declarations, and nothing of what they would do; included before everything else.

#include <strings.h>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define CONFIG_ESP_TASK_WDT_TIMEOUT_S 5
#define configTASK_NOTIFICATION_ARRAY_ENTRIES 2
#define IRAM_ATTR
#define MALLOC_CAP_8BIT 1
#define MALLOC_CAP_INTERNAL 2
#define MALLOC_CAP_SPIRAM 4
#define SOC_RX0 20
#define portMAX_DELAY 0xFFFFFFFFUL
#define portTICK_PERIOD_MS 1
#define pdFALSE 0
#define pdTRUE 1
#define pdMS_TO_TICKS(ms) (ms)
#define AF_INET 2
#define SHUT_RDWR 2
#define IPPROTO_TCP 6
#define TCP_NODELAY 1

using SemaphoreHandle_t = void *;
using TaskHandle_t = void *;
using BaseType_t = int;
using TickType_t = uint32_t;
using esp_err_t = int;
using spi_host_device_t = int;
using socklen_t = uint32_t;
using sa_family_t = uint8_t;

extern "C" {
[[noreturn]] void esp_system_abort(const char *details);
char *strcasestr(const char *text, const char *part);
size_t heap_caps_get_free_size(uint32_t caps);
size_t heap_caps_get_largest_free_block(uint32_t caps);
void *heap_caps_malloc(size_t size, uint32_t caps);
void *heap_caps_malloc_prefer(size_t size, size_t count, ...);
SemaphoreHandle_t xSemaphoreCreateMutex();
BaseType_t xSemaphoreTake(SemaphoreHandle_t handle, TickType_t ticks);
BaseType_t xSemaphoreGive(SemaphoreHandle_t handle);
BaseType_t xPortInIsrContext();
void vPortYield();
void vTaskDelay(TickType_t ticks);
void xTaskNotifyGiveIndexed(TaskHandle_t task, unsigned index);
uint32_t ulTaskNotifyTakeIndexed(unsigned index, BaseType_t is_cleared, TickType_t ticks);
void vTaskNotifyGiveIndexedFromISR(TaskHandle_t task, unsigned index, BaseType_t *woken);
esp_err_t esp_task_wdt_reset();
uint32_t esp_cpu_get_cycle_count();
int64_t esp_timer_get_time();
}

// Sockets
struct in_addr {
  uint32_t s_addr;
};
struct sockaddr {
  uint8_t sa_len;
  sa_family_t sa_family;
  char sa_data[14];
};
struct sockaddr_in {
  uint8_t sin_len;
  sa_family_t sin_family;
  uint16_t sin_port;
  in_addr sin_addr;
  char sin_zero[8];
};
struct sockaddr_storage {
  uint8_t s2_len;
  sa_family_t ss_family;
  char s2_data1[2];
  uint32_t s2_data2[3];
};
struct iovec {
  void *iov_base;
  size_t iov_len;
};
template <typename... Arguments>
int connect(Arguments...);
template <typename... Arguments>
int accept(Arguments...);
template <typename... Arguments>
int bind(Arguments...);
template <typename... Arguments>
int shutdown(Arguments...);
template <typename... Arguments>
int getpeername(Arguments...);
template <typename... Arguments>
int getsockname(Arguments...);
template <typename... Arguments>
int getsockopt(Arguments...);
template <typename... Arguments>
int setsockopt(Arguments...);
template <typename... Arguments>
int listen(Arguments...);
template <typename... Arguments>
int recvfrom(Arguments...);
template <typename... Arguments>
int lwip_recvfrom(Arguments...);
template <typename... Arguments>
int send(Arguments...);
template <typename... Arguments>
int sendto(Arguments...);
template <typename... Arguments>
int lwip_read(Arguments...);
template <typename... Arguments>
int lwip_readv(Arguments...);
template <typename... Arguments>
int lwip_write(Arguments...);
template <typename... Arguments>
int lwip_writev(Arguments...);
namespace esphome::socket {
bool socket_ready_fd(int fd, bool is_monitored);
}

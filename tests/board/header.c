// SPDX-License-Identifier: GPL-2.0-or-later
// The 40-pin header of a Raspberry Pi in memory: inputs read 1 where they are pulled up. /sys/module/header/parameters:
//   pulled_up   the lines that are, as bits
//   held_low    lines that the board holds low
//   no_bias     given at the start: like a driver that cannot pull, and says nothing
#include <linux/gpio/driver.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static ulong pulled_up;
module_param(pulled_up, ulong, 0444);
static ulong held_low;
module_param(held_low, ulong, 0644);
static bool no_bias;
module_param(no_bias, bool, 0444);

static int direction_of(struct gpio_chip *chip, unsigned int line)
{
	return GPIO_LINE_DIRECTION_IN;
}

static int make_input(struct gpio_chip *chip, unsigned int line)
{
	return 0;
}

static int value_of(struct gpio_chip *chip, unsigned int line)
{
	return !(held_low & BIT(line)) && (pulled_up & BIT(line));
}

static int configure(struct gpio_chip *chip, unsigned int line, unsigned long config)
{
	if (pinconf_to_config_param(config) == PIN_CONFIG_BIAS_PULL_UP)
		pulled_up |= BIT(line);
	else
		pulled_up &= ~BIT(line);
	return 0;
}

static void let_go(struct gpio_chip *chip, unsigned int line)
{
	pulled_up &= ~BIT(line);
}

static struct platform_device *device;
static struct gpio_chip header = {
	.label = "pinctrl-bcm2711",
	.owner = THIS_MODULE,
	.base = -1,
	.ngpio = 54,
	.get_direction = direction_of,
	.direction_input = make_input,
	.get = value_of,
	.set_config = configure,
	.free = let_go,
};

static int __init begin(void)
{
	device = platform_device_register_simple("header", -1, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	header.parent = &device->dev;
	if (no_bias)
		header.set_config = NULL;
	return gpiochip_add_data(&header, NULL);
}

static void __exit end(void)
{
	gpiochip_remove(&header);
	platform_device_unregister(device);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A Raspberry Pi's header, for tests");

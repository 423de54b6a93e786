// SPDX-License-Identifier: GPL-2.0-or-later
// The SPI controller of qemu's xlnx-zcu102 (Cadence), polled, and the clip between it and the chip: Debian's kernel has no
// driver for the one, and nothing can let the other slip. /sys/module/clip/parameters:
//   messages   conversations so far, one a selection of the chip
//   off_from   from this one on the clip is off, and every bit reads 1; 0: never
//   on_from    from this one on it sits again; 0: never
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>

#define CONFIG_REGISTER 0x00
#define ENABLE_REGISTER 0x14
#define SEND_REGISTER 0x1c
#define RECEIVE_REGISTER 0x20
#define CONFIG_USUAL (BIT(0) | (3 << 3) | BIT(14)) /* master, a clock, selection by hand */
#define CONFIG_NOBODY (0xf << 10)
#define CONFIG_FIRST (0xe << 10)
#define FIFO_DEPTH 64u

static ulong messages;
module_param(messages, ulong, 0644);
static ulong off_from;
module_param(off_from, ulong, 0644);
static ulong on_from;
module_param(on_from, ulong, 0644);

struct clip {
	void __iomem *registers;
};

static bool is_off(void)
{
	return off_from && messages >= off_from && (!on_from || messages < on_from);
}

static void choose(struct clip *clip, bool chip)
{
	u32 who = chip && !is_off() ? CONFIG_FIRST : CONFIG_NOBODY;

	writel(CONFIG_USUAL | who, clip->registers + CONFIG_REGISTER);
}

static void shift(struct clip *clip, const struct spi_transfer *transfer)
{
	const u8 *out = transfer->tx_buf;
	u8 *in = transfer->rx_buf;
	unsigned int done, i, part;

	for (done = 0; done < transfer->len; done += part) {
		part = min(transfer->len - done, FIFO_DEPTH);
		for (i = 0; i < part; i++)
			writel(out ? out[done + i] : 0, clip->registers + SEND_REGISTER);
		for (i = 0; i < part; i++) {
			u8 byte = readl(clip->registers + RECEIVE_REGISTER);

			if (in)
				in[done + i] = is_off() ? 0xff : byte;
		}
	}
}

static int talk(struct spi_controller *controller, struct spi_message *message)
{
	struct clip *clip = spi_controller_get_devdata(controller);
	struct spi_transfer *transfer;

	messages++;
	choose(clip, true);
	list_for_each_entry(transfer, &message->transfers, transfer_list) {
		shift(clip, transfer);
		message->actual_length += transfer->len;
	}
	choose(clip, false);
	message->status = 0;
	spi_finalize_current_message(controller);
	return 0;
}

static int clip_probe(struct platform_device *device)
{
	struct spi_controller *controller = devm_spi_alloc_master(&device->dev, sizeof(struct clip));
	struct clip *clip;

	if (!controller)
		return -ENOMEM;
	clip = spi_controller_get_devdata(controller);
	clip->registers = devm_platform_ioremap_resource(device, 0);
	if (IS_ERR(clip->registers))
		return PTR_ERR(clip->registers);
	controller->dev.of_node = device->dev.of_node;
	controller->num_chipselect = 1;
	controller->bits_per_word_mask = SPI_BPW_MASK(8);
	controller->max_speed_hz = 50000000;
	controller->transfer_one_message = talk;
	choose(clip, false);
	writel(1, clip->registers + ENABLE_REGISTER);
	return devm_spi_register_controller(&device->dev, controller);
}

static const struct of_device_id clip_names[] = { { .compatible = "quell,clip" }, {} };
MODULE_DEVICE_TABLE(of, clip_names);

static struct platform_driver clip_driver = {
	.probe = clip_probe,
	.driver = { .name = "clip", .of_match_table = clip_names },
};
module_platform_driver(clip_driver);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A clip on a flash chip, for tests");

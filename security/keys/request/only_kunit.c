// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key requests: tests of a key type that is for the kernel only.
 *
 * The tests make system calls, so they need user memory, which only a program
 * has.
 */

#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <uapi/linux/keyctl.h>
#include "kunit.h"

static struct key_type only_type = {
	.name	= "request_kunit_only",
	.flags	= KEY_TYPE_KERNEL_ONLY,
};

/**
 * struct program_text - strings in the program's memory
 * @type: Name of a key type.
 * @description: Used as the description of a key, as its payload and as callout
 *	data.
 */
struct program_text {
	char	type[32];
	char	description[4];
};

static struct program_text __user *program_text;

/* Each architecture has its own entry of system calls */
#if !defined(CONFIG_ARCH_HAS_SYSCALL_WRAPPER)
#define CAN_CALL	true

static long program_add_key(const char __user *description)
{
	return sys_add_key(program_text->type, description,
			   program_text->description, 1,
			   KEY_SPEC_THREAD_KEYRING);
}

static long program_request_key(const char __user *callout)
{
	return sys_request_key(program_text->type, program_text->description,
			       callout, 0);
}
#elif defined(CONFIG_X86_64)
#define CAN_CALL	true

static long program_add_key(const char __user *description)
{
	const struct pt_regs regs = {
		.di	= (unsigned long)program_text->type,
		.si	= (unsigned long)description,
		.dx	= (unsigned long)program_text->description,
		.r10	= 1,
		.r8	= KEY_SPEC_THREAD_KEYRING,
	};

	return sys_call_table[__NR_add_key](&regs);
}

static long program_request_key(const char __user *callout)
{
	const struct pt_regs regs = {
		.di	= (unsigned long)program_text->type,
		.si	= (unsigned long)program_text->description,
		.dx	= (unsigned long)callout,
	};

	return sys_call_table[__NR_request_key](&regs);
}
#else
#define CAN_CALL	false

static long program_add_key(const char __user *description)
{
	return -ENOSYS;
}

static long program_request_key(const char __user *callout)
{
	return -ENOSYS;
}
#endif

static void name_type(struct kunit *test, const struct key_type *type)
{
	struct program_text text = { .description = "d" };

	strscpy(text.type, type->name, sizeof(text.type));
	KUNIT_EXPECT_EQ(test, 0UL,
			copy_to_user(program_text, &text, sizeof(text)));
}

/*
 * Gives the thread user memory while it runs @body.  A failed assertion would
 * skip the removal of that memory: use EXPECT, not ASSERT.
 */
static void with_memory(struct kunit *test, void (*body)(struct kunit *test))
{
	struct mm_struct *mm = mm_alloc();
	unsigned long at;

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	kthread_use_mm(mm);
	at = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR_VALUE(at));
	if (!IS_ERR_VALUE(at)) {
		program_text = (struct program_text __user *)at;
		body(test);
	}
	kthread_unuse_mm(mm);
	mmput(mm);
}

static void are_refused(struct kunit *test)
{
	const char __user *nowhere = (const char __user *)-1UL;
	/*
	 * UML returns the error for a long string if it cannot read the string
	 */
	const int no_string = IS_ENABLED(CONFIG_UML) ? -ENOMEM : -EFAULT;

	/* The error comes from the type */
	name_type(test, &request_test_type);
	KUNIT_EXPECT_EQ(test, -ENOKEY, program_request_key(NULL));
	KUNIT_EXPECT_EQ(test, no_string, program_add_key(nowhere));
	KUNIT_EXPECT_LT(test, 0, program_add_key(program_text->description));
	KUNIT_EXPECT_LT(test, 0, program_request_key(NULL));

	name_type(test, &only_type);
	KUNIT_EXPECT_EQ(test, -EPERM, program_request_key(NULL));
	KUNIT_EXPECT_EQ(test, -EPERM,
			program_request_key(program_text->description));
	/* Errors of the arguments come first */
	KUNIT_EXPECT_EQ(test, no_string, program_add_key(nowhere));
	KUNIT_EXPECT_EQ(test, -EPERM,
			program_add_key(program_text->description));
	KUNIT_EXPECT_EQ(test, 0, request_times_asked);
}

/* Shows: RK-D20. A program can neither add a key of this type nor request it. */
static void closed_to_programs(struct kunit *test)
{
	if (!CAN_CALL)
		kunit_skip(test, "knows no system calls of this architecture");
	with_memory(test, are_refused);
}

/* Shows: RK-D20. Kernel code can do both. */
static void open_to_the_kernel(struct kunit *test)
{
	struct key *key, *again;

	KUNIT_EXPECT_PTR_EQ(test, request_key(&only_type, "d", NULL),
			    ERR_PTR(-ENOKEY));
	key = request_key(&only_type, "d", "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	KUNIT_EXPECT_TRUE(test, key_is_positive(key));
	KUNIT_EXPECT_EQ(test, 1, request_times_asked);

	again = request_key(&only_type, "d", NULL);
	KUNIT_EXPECT_PTR_EQ(test, key, again);
	if (!IS_ERR(again))
		key_put(again);
	key_put(key);
}

static void is_out_of_reach(struct kunit *test)
{
	name_type(test, &only_type);
	KUNIT_EXPECT_EQ(test, -EPERM, program_request_key(NULL));
	KUNIT_EXPECT_EQ(test, -EPERM,
			program_add_key(program_text->description));
}

/*
 * Shows: RK-D20. A program cannot use such a key even if its keyrings have one.
 */
static void closed_when_found(struct kunit *test)
{
	struct key *key;

	if (!CAN_CALL)
		kunit_skip(test, "knows no system calls of this architecture");
	key = request_key(&only_type, "d", "");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key);
	with_memory(test, is_out_of_reach);
	key_put(key);
}

static int only_init(struct kunit *test)
{
	int ret = request_test_init(test);

	if (ret < 0)
		return ret;
	only_type.instantiate = request_test_type.instantiate;
	only_type.request_key = request_test_type.request_key;
	return register_key_type(&only_type);
}

static void only_exit(struct kunit *test)
{
	unregister_key_type(&only_type);
	request_test_exit(test);
}

static struct kunit_case only_cases[] = {
	KUNIT_CASE(closed_to_programs),
	KUNIT_CASE(open_to_the_kernel),
	KUNIT_CASE(closed_when_found),
	{}
};

static struct kunit_suite only_suite = {
	.name		= "key_request_only",
	.init		= only_init,
	.exit		= only_exit,
	.test_cases	= only_cases,
};

kunit_test_suite(only_suite);

/*
 * The class that Logos' C++ code knows the overlay by, over logos_p2p.h. Header only, C++14; link with -llogosp2p.
 *
 * Code that was written against the C++ overlay of 2019 compiles unchanged. What is different when it runs:
 *  - PropagateMessage sends at once, and a message reaches ReceiveMessageCallback once.
 *  - ReceiveMessageCallback is called by one thread at a time, on threads of the library, and never after Shutdown, which
 *    must not be called from within it.
 *  - scheduleAfterMs and boost_io_service are not used: the overlay has timers and threads of its own.
 *  - A derived class whose ReceiveMessageCallback uses its own members calls Shutdown in its destructor: when that of this
 *    class does, those members are gone.
 */
#ifndef LOGOS_P2P_P2P_H
#define LOGOS_P2P_P2P_H

#include "logos_p2p.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#ifndef MDB_VERSION_FULL
struct MDB_env;
typedef unsigned int MDB_dbi;
#endif

enum userInterfaceMessageTypes
{
    P2P_UI_INFO = 1,
    P2P_UI_WARNING = 2,
    P2P_UI_ERROR = 4,
    P2P_UI_INIT = 8, /* The message is about starting, besides one of the others. */
};

enum p2p_option_flags
{
    P2P_OPTION_ARGUMENT = 1, /* The option has a value. */
    P2P_OPTION_MULTI = 2,    /* It has a value and may be given several times. */
};

struct p2p_config
{
    int argc;
    char **argv;              /* The options of logos_p2p_create_from_arguments; argv[0] does not count. */
    struct MDB_env *lmdb_env; /* Where peers and bans are kept, in the table lmdb_dbi; null for what argv says (-datadir). */
    MDB_dbi lmdb_dbi;
    void *boost_io_service;
    std::function<void(std::function<void()> const &, unsigned)> scheduleAfterMs;
    std::function<void(int, const char *)> userInterfaceMessage; /* Of any thread. */
    bool test_mode; /* Neither listens nor connects, and touches lmdb_env in load_databases and save_databases only. */
};

namespace logos_p2p_detail
{

/*
 * The few functions of the host's liblmdb that are needed, under names of our own so that lmdb.h may be included or not,
 * before or after. They are weak: who gives no environment need not link with -llmdb.
 */
struct mdb_value
{
    std::size_t size;
    void *data;
};

extern "C" {
int logos_p2p_mdb_txn_begin(struct MDB_env *, void *, unsigned int, void **) __asm__("mdb_txn_begin") __attribute__((weak));
int logos_p2p_mdb_txn_commit(void *) __asm__("mdb_txn_commit") __attribute__((weak));
void logos_p2p_mdb_txn_abort(void *) __asm__("mdb_txn_abort") __attribute__((weak));
int logos_p2p_mdb_get(void *, MDB_dbi, mdb_value *, mdb_value *) __asm__("mdb_get") __attribute__((weak));
int logos_p2p_mdb_put(void *, MDB_dbi, mdb_value *, mdb_value *, unsigned int) __asm__("mdb_put") __attribute__((weak));
}

/* lmdb.h's MDB_RDONLY and MDB_NOTFOUND. */
constexpr unsigned int mdb_rdonly = 0x20000;
constexpr int mdb_notfound = -30798;

/* A table of the host's LMDB environment. */
class lmdb_storage
{
public:
    lmdb_storage(struct MDB_env *env, MDB_dbi dbi) : env_(env), dbi_(dbi) {}

    static bool is_linked() { return logos_p2p_mdb_txn_begin != nullptr; }

    bool is_usable() const { return env_ != nullptr && is_linked(); }

    bool load(const char *name, void (*give)(void *, const void *, std::size_t), void *sink)
    {
        void *txn;
        if (logos_p2p_mdb_txn_begin(env_, nullptr, mdb_rdonly, &txn) != 0)
            return false;
        mdb_value key = key_of(name), value = {0, nullptr};
        int result = logos_p2p_mdb_get(txn, dbi_, &key, &value);
        if (result == 0)
            give(sink, value.data, value.size);
        logos_p2p_mdb_txn_abort(txn);
        return result == 0 || result == mdb_notfound;
    }

    bool store(const char *name, const void *bytes, std::size_t size)
    {
        void *txn;
        if (logos_p2p_mdb_txn_begin(env_, nullptr, 0, &txn) != 0)
            return false;
        mdb_value key = key_of(name), value = {size, const_cast<void *>(bytes)};
        if (logos_p2p_mdb_put(txn, dbi_, &key, &value, 0) == 0)
            return logos_p2p_mdb_txn_commit(txn) == 0; /* Which frees it, also when it fails. */
        logos_p2p_mdb_txn_abort(txn);
        return false;
    }

private:
    static mdb_value key_of(const char *name) { return {std::strlen(name), const_cast<char *>(name)}; }

    struct MDB_env *env_;
    MDB_dbi dbi_;
};

} // namespace logos_p2p_detail

class p2p_interface
{
public:
    p2p_interface() = default;
    p2p_interface(const p2p_interface &) = delete;
    p2p_interface &operator=(const p2p_interface &) = delete;
    virtual ~p2p_interface() { Shutdown(); }

    /* Makes a node and starts it. False when it cannot be; userInterfaceMessage is told why. Once, until Shutdown. */
    bool Init(p2p_config &config)
    {
        if (node_ != nullptr)
            return false;
        message_ = config.userInterfaceMessage;
        test_mode_ = config.test_mode;
        storage_.reset(new logos_p2p_detail::lmdb_storage(config.lmdb_env, config.lmdb_dbi));
        if (logos_p2p_abi_version() != LOGOS_P2P_ABI_VERSION)
            return fail("liblogosp2p.so is of another version than p2p.h");
        bool has_storage = test_mode_ || config.lmdb_env != nullptr;
        if (!test_mode_ && has_storage && !logos_p2p_detail::lmdb_storage::is_linked())
            return fail("lmdb_env is given, but liblmdb is not linked with");

        logos_p2p_host host = logos_p2p_host();
        host.size = sizeof host;
        host.context = this;
        host.receive = &p2p_interface::receive;
        host.is_important = &p2p_interface::is_important;
        host.log = &p2p_interface::log;
        host.load = has_storage ? &p2p_interface::load : nullptr;
        host.store = has_storage ? &p2p_interface::store : nullptr;
        node_ = create(config, host);
        if (node_ == nullptr)
            return fail(logos_p2p_last_error());
        if (logos_p2p_start(node_) >= 0)
            return true;
        fail(logos_p2p_last_error());
        Shutdown();
        return false;
    }

    /* Stops the node. When it returns no callback runs, and none will. */
    void Shutdown()
    {
        if (logos_p2p_free(node_) >= 0)
            node_ = nullptr;
    }

    /* Sends a message to every node. With output false it came from elsewhere, and ReceiveMessageCallback decides first
     * whether it is sent, when no other message is being decided on. False when it was not sent: no peer is connected, or it
     * is too long. */
    bool PropagateMessage(const void *message, unsigned size, bool output)
    {
        if (node_ == nullptr || (!output && !decide(message, size)))
            return false;
        return logos_p2p_propagate(node_, message, size) > 0;
    }

    /* Adds numeric addresses, host or host:port. Returns how many it could read; it stops at the first that it cannot. */
    int add_peers(char **nodes, uint8_t count) { return at_least_none(logos_p2p_add_peers(node_, nodes, count)); }

    /* Fills nodes from the stored peer with the number *next on, once round all of them at most; banned ones are among
     * them. Returns how many; the caller frees each by free. */
    int get_peers(int *next, char **nodes, uint8_t count) { return at_least_none(logos_p2p_get_peers(node_, next, nodes, count)); }

    /* Bans a host, for -bantime. */
    void add_to_blacklist(const char *addr) { logos_p2p_ban(node_, addr, 0); }

    bool is_blacklisted(const char *addr) { return logos_p2p_is_banned(node_, addr) > 0; }

    /* Loads peers and bans. False when there was nothing valid to load. */
    bool load_databases()
    {
        storage_turn turn(*this);
        return logos_p2p_load_databases(node_) > 0;
    }

    /* Stores peers and bans. */
    bool save_databases()
    {
        storage_turn turn(*this);
        return logos_p2p_save_databases(node_) >= 0;
    }

    /* Called once for each message of other nodes. True passes it on. */
    virtual bool ReceiveMessageCallback(const void *message, unsigned size)
    {
        (void)message;
        (void)size;
        return false;
    }

    /* Whether a message is given to peers that connect later. Of any thread; every node must come to the same answer. */
    virtual bool IsMessageImportant(const void *message, unsigned size)
    {
        (void)message;
        (void)size;
        return false;
    }

    /* Calls back for each option that argv may have: its name without dashes, what it does, and p2p_option_flags. */
    static void TraverseCommandLineOptions(std::function<void(const char *option, const char *description, int flags)> callback)
    {
        logos_p2p_options(
            [](void *context, const char *name, const char *, const char *description, int flags) {
                auto &call = *static_cast<std::function<void(const char *, const char *, int)> *>(context);
                bool is_list = (flags & LOGOS_P2P_OPTION_LIST) != 0;
                call(name, description, is_list ? static_cast<int>(P2P_OPTION_MULTI) : flags & P2P_OPTION_ARGUMENT);
            },
            &callback);
    }

    /* The node of logos_p2p.h, for what this class has no function for; null before Init and after Shutdown. */
    logos_p2p *native() const { return node_; }

private:
    /* In test mode the host's environment is there while the host asks for it, and need not be at any other time. */
    class storage_turn
    {
    public:
        explicit storage_turn(p2p_interface &owner) : owner_(owner), lock_(owner.turns_) { owner_.has_turn_ = true; }
        ~storage_turn() { owner_.has_turn_ = false; }

    private:
        p2p_interface &owner_;
        std::lock_guard<std::mutex> lock_;
    };

    /* As it always was: the code behind this need not be safe for several threads. It may come back from within itself. */
    bool decide(const void *message, unsigned size)
    {
        std::lock_guard<std::recursive_mutex> one(callbacks_);
        return ReceiveMessageCallback(message, size);
    }

    static int at_least_none(int count) { return count < 0 ? 0 : count; }

    logos_p2p *create(p2p_config &config, const logos_p2p_host &host)
    {
        std::vector<char *> words(config.argv, config.argv + (config.argc > 0 ? config.argc : 0));
        char program[] = "p2p", offline[] = "-networkactive=0";
        if (words.empty())
            words.push_back(program);
        if (test_mode_)
            words.push_back(offline);
        return logos_p2p_create_from_arguments(static_cast<int>(words.size()), words.data(), &host);
    }

    bool fail(const char *why)
    {
        if (message_)
            message_(P2P_UI_ERROR | P2P_UI_INIT, why);
        return false;
    }

    static bool receive(void *context, const void *message, std::size_t size)
    {
        try
        {
            return static_cast<p2p_interface *>(context)->decide(message, static_cast<unsigned>(size));
        }
        catch (...)
        {
            return false;
        }
    }

    static bool is_important(void *context, const void *message, std::size_t size)
    {
        try
        {
            return static_cast<p2p_interface *>(context)->IsMessageImportant(message, static_cast<unsigned>(size));
        }
        catch (...)
        {
            return false;
        }
    }

    static void log(void *context, int level, const char *line)
    {
        auto &self = *static_cast<p2p_interface *>(context);
        if (!self.message_)
            return;
        try
        {
            self.message_(
                level >= LOGOS_P2P_LOG_ERROR ? P2P_UI_ERROR : level == LOGOS_P2P_LOG_WARNING ? P2P_UI_WARNING : P2P_UI_INFO, line);
        }
        catch (...)
        {
        }
    }

    static bool load(void *context, const char *name, void (*give)(void *, const void *, std::size_t), void *sink)
    {
        auto &self = *static_cast<p2p_interface *>(context);
        return !self.may_store() || self.storage_->load(name, give, sink);
    }

    static bool store(void *context, const char *name, const void *value, std::size_t size)
    {
        auto &self = *static_cast<p2p_interface *>(context);
        return !self.may_store() || self.storage_->store(name, value, size);
    }

    bool may_store() const
    {
        return !test_mode_ || (has_turn_ && storage_->is_usable());
    }

    logos_p2p *node_ = nullptr;
    std::function<void(int, const char *)> message_;
    std::unique_ptr<logos_p2p_detail::lmdb_storage> storage_;
    std::recursive_mutex callbacks_;
    std::mutex turns_;
    std::atomic<bool> has_turn_{false};
    bool test_mode_ = false;
};

#endif

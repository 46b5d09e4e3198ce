/* Written by `make generate` from docs/reference/openapi.json: change the server's types instead. */
export interface paths {
    readonly "/towpath/v1/argocd": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the connections, by name. */
        readonly get: operations["getTowpathV1Argocd"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/argocd/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with one. */
        readonly get: operations["getTowpathV1ArgocdByName"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/backup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send a checked copy of the database as of one moment. */
        readonly post: operations["postTowpathV1Backup"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/changes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what changed, as soon as something has or the time to wait is over. */
        readonly get: operations["getTowpathV1Changes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/density": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with how many Promotions were asked for in each part of a span, 30 days to now where none is given. */
        readonly get: operations["getTowpathV1Density"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/doctor": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Look at the server. What is found tells of hosts and of all Projects, so a right to the path is asked for. */
        readonly get: operations["getTowpathV1Doctor"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a page of lines, or with all of them as a file. */
        readonly get: operations["getTowpathV1History"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/import-key": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the public key for which Secrets are sealed that are to come here. */
        readonly get: operations["getTowpathV1ImportKey"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/imports": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Take in the archive of a Project, all of it or nothing. One that was taken in before is left alone. */
        readonly post: operations["postTowpathV1Imports"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with who calls, as rights and records name them. */
        readonly get: operations["getTowpathV1Me"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/can": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what the caller may do to the Stages of a Project; those that have the usual bits are not named. */
        readonly get: operations["getTowpathV1MeCan"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/inbox": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a page of what waits for the caller, Project by Project. `project` asks for that of one alone. */
        readonly get: operations["getTowpathV1MeInbox"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the caller's sessions, the oldest first. */
        readonly get: operations["getTowpathV1MeSessions"];
        readonly put?: never;
        readonly post?: never;
        /** End all of the caller's sessions, this one as well. */
        readonly delete: operations["deleteTowpathV1MeSessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/sessions/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** End one of the caller's sessions. Raises NotFound, for those of others as well. */
        readonly delete: operations["deleteTowpathV1MeSessionsByName"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/tokens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the caller's tokens, the oldest first: never with what they are shown as. */
        readonly get: operations["getTowpathV1MeTokens"];
        readonly put?: never;
        /** Make a token in the caller's name, and show it this once. */
        readonly post: operations["postTowpathV1MeTokens"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/tokens/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Delete one of the caller's tokens: it holds no more at once. */
        readonly delete: operations["deleteTowpathV1MeTokensByName"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/views": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the caller's views, by name. */
        readonly get: operations["getTowpathV1MeViews"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/me/views/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /** Keep a view in the place of the caller's former one of that name. Raises BadRequest, Forbidden for one too many. */
        readonly put: operations["putTowpathV1MeViewsByName"];
        readonly post?: never;
        /** Delete one of the caller's views. Raises NotFound, for those of others as well. */
        readonly delete: operations["deleteTowpathV1MeViewsByName"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with this document. */
        readonly get: operations["getTowpathV1OpenapiJson"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/overview": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with Projects, a page at a time, and the last moves. */
        readonly get: operations["getTowpathV1Overview"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/analysis-runs/{name}/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get: operations["getTowpathV1ProjectsByProjectAnalysisRunsByNameExplain"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/board": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the board. */
        readonly get: operations["getTowpathV1ProjectsByProjectBoard"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/compare": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what differs between `from` and `to`, as JSON, and in words if a `format` is wanted, too. */
        readonly get: operations["getTowpathV1ProjectsByProjectCompare"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/credentials/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what becomes of each Secret that could be the credential of a repository. */
        readonly get: operations["getTowpathV1ProjectsByProjectCredentialsExplain"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/debt": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a verdict, or why there is none, for each stay of Freight in a Stage; the latest first. */
        readonly get: operations["getTowpathV1ProjectsByProjectDebt"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Send the archive of a frozen Project in which nothing runs any more. */
        readonly post: operations["postTowpathV1ProjectsByProjectExport"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/freeze": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with whether a Project is frozen. */
        readonly get: operations["getTowpathV1ProjectsByProjectFreeze"];
        readonly put?: never;
        /** Freeze a Project: nobody changes anything in it, and no Promotion begins, until it is released. */
        readonly post: operations["postTowpathV1ProjectsByProjectFreeze"];
        /** End that a Project is frozen. */
        readonly delete: operations["deleteTowpathV1ProjectsByProjectFreeze"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/freight/{name}/attached": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get: operations["getTowpathV1ProjectsByProjectFreightByNameAttached"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/hookruns/{name}/log": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the same of the run of a hook, after a line that says what happened. */
        readonly get: operations["getTowpathV1ProjectsByProjectHookrunsByNameLog"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/lens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with where the Freight is, can go, waits. */
        readonly get: operations["getTowpathV1ProjectsByProjectLens"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/line": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with how each Stage stands to a stop of the line, and what goes on whatever is held. */
        readonly get: operations["getTowpathV1ProjectsByProjectLine"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/moves": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Carry out what is asked for, once for each key, and answer with what became of each target. */
        readonly post: operations["postTowpathV1ProjectsByProjectMoves"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plan": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Plan a promotion of Freight, by name or alias or the newest that is available, to a Stage or to several. */
        readonly post: operations["postTowpathV1ProjectsByProjectPlan"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plan/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a plan in few bytes, and with what has changed since it was made. */
        readonly get: operations["getTowpathV1ProjectsByProjectPlanById"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plan/{id}/file": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the hunks of one file, by its path or its id. */
        readonly get: operations["getTowpathV1ProjectsByProjectPlanByIdFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plans/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a plan, and with what has changed since it was made. */
        readonly get: operations["getTowpathV1ProjectsByProjectPlansById"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plans/{id}/files/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the hunks of one file of a plan. */
        readonly get: operations["getTowpathV1ProjectsByProjectPlansByIdFilesByFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plans/{id}/objects/{object}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the hunks of one object that is rendered. */
        readonly get: operations["getTowpathV1ProjectsByProjectPlansByIdObjectsByObject"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/plans/{id}/promote": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Promote what was planned, if the plan still holds. */
        readonly post: operations["postTowpathV1ProjectsByProjectPlansByIdPromote"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/promotions/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the view. */
        readonly get: operations["getTowpathV1ProjectsByProjectPromotionsByName"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/promotions/{name}/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with how far a Promotion is, what it waits for and until when. */
        readonly get: operations["getTowpathV1ProjectsByProjectPromotionsByNameExplain"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/promotions/{name}/log": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a line for each step's beginning and end, and one for the Promotion's; if asked to, once there is more. */
        readonly get: operations["getTowpathV1ProjectsByProjectPromotionsByNameLog"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/promotions/{name}/plan": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what became of the plan that was confirmed for it. */
        readonly get: operations["getTowpathV1ProjectsByProjectPromotionsByNamePlan"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/promotions/{name}/retry": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Answer with the new Promotion; its annotations say where it begins, and why not where the other one ended. */
        readonly post: operations["postTowpathV1ProjectsByProjectPromotionsByNameRetry"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/promotions/{name}/steps/{step}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with a range of what a step was given, put out, or said. */
        readonly get: operations["getTowpathV1ProjectsByProjectPromotionsByNameStepsByStep"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/remove": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Delete a Project that was exported since it was frozen. */
        readonly post: operations["postTowpathV1ProjectsByProjectRemove"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/stages/{name}/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the gates of one Freight, or of the newest of each origin that the Stage requests. */
        readonly get: operations["getTowpathV1ProjectsByProjectStagesByNameExplain"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/stages/{name}/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what was in a Stage at a moment (`at`), else with all stays, the latest first. */
        readonly get: operations["getTowpathV1ProjectsByProjectStagesByNameHistory"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/warehouses/{name}/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what is known of a Warehouse; nobody is asked. */
        readonly get: operations["getTowpathV1ProjectsByProjectWarehousesByNameExplain"];
        readonly put?: never;
        /** Look at a Warehouse, or at what it would be by another manifest, which is not stored. */
        readonly post: operations["postTowpathV1ProjectsByProjectWarehousesByNameExplain"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the receivers. */
        readonly get: operations["getTowpathV1ProjectsByProjectWebhooks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/webhooks/{receiver}/receipts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what came to a receiver. */
        readonly get: operations["getTowpathV1ProjectsByProjectWebhooksByReceiverReceipts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/projects/{project}/webhooks/{receiver}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Answer with what would come of a delivery; nobody is woken, and nothing is kept. */
        readonly post: operations["postTowpathV1ProjectsByProjectWebhooksByReceiverTest"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/search": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what is called as was asked, or begins so. */
        readonly get: operations["getTowpathV1Search"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer who is signed in, and with what to change something. */
        readonly get: operations["getTowpathV1Session"];
        readonly put?: never;
        /** Begin a session of who shows the administrator's password, or a code of the identity provider. */
        readonly post: operations["postTowpathV1Session"];
        /** End the session that the request shows. */
        readonly delete: operations["deleteTowpathV1Session"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/session/oidc": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Begin a sign-in through the identity provider: answer with the page to go to. */
        readonly post: operations["postTowpathV1SessionOidc"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/stream": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with an event for each change, until the caller leaves. */
        readonly get: operations["getTowpathV1Stream"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with the receivers. */
        readonly get: operations["getTowpathV1Webhooks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/webhooks/{receiver}/receipts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Answer with what came to a receiver. */
        readonly get: operations["getTowpathV1WebhooksByReceiverReceipts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/towpath/v1/webhooks/{receiver}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Answer with what would come of a delivery; nobody is woken, and nothing is kept. */
        readonly post: operations["postTowpathV1WebhooksByReceiverTest"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * ApplicationHealth
         * @description How an Application fares.
         */
        readonly ApplicationHealth: {
            readonly health: string;
            readonly link: string;
            readonly name: string;
            readonly namespace: string;
            readonly revisions: readonly string[];
            readonly sync: string;
        };
        /**
         * AskedBy
         * @description By which means, and from where, somebody asked.
         */
        readonly AskedBy: {
            /** @default  */
            readonly address?: string;
            /** @default  */
            readonly by?: string;
            readonly means: string;
            /** @default  */
            readonly name?: string;
        };
        /**
         * Base
         * @description A commit that a plan starts from.
         */
        readonly Base: {
            readonly commit: string;
            readonly ref: string;
            readonly repository: string;
        };
        /**
         * BegunSession
         * @description A session that has begun; its cookie is beside it.
         */
        readonly BegunSession: {
            readonly actor: string;
            readonly claims: {
                readonly [key: string]: readonly string[];
            };
            readonly csrfToken: string | null;
            readonly expires: string | null;
            readonly redirectTo: string;
        };
        /**
         * Board
         * @description A Project's Stages on a grid.
         */
        readonly Board: {
            /** Format: date-time */
            readonly at: string;
            readonly cols: readonly components["schemas"]["BoardColumn"][];
            readonly freight: readonly components["schemas"]["BoardFreight"][];
            readonly lanes: readonly components["schemas"]["BoardLane"][];
            readonly may?: readonly string[];
            /** @default 0 */
            readonly more?: number;
            readonly now?: readonly string[];
            /** @default false */
            readonly past?: boolean;
            readonly project: string;
            readonly rev: number;
            readonly rows: readonly components["schemas"]["BoardRow"][];
            readonly stages: readonly components["schemas"]["BoardStage"][];
        };
        /**
         * BoardColumn
         * @description A rank.
         */
        readonly BoardColumn: {
            /** @default  */
            readonly env?: string;
            readonly title: string;
        };
        /**
         * BoardFreight
         * @description Freight, and what is in it: kind, label, version, digest.
         */
        readonly BoardFreight: {
            /** @default  */
            readonly alias?: string;
            readonly artifacts: readonly (readonly [
                string,
                string,
                string,
                string
            ])[];
            /** @default false */
            readonly gone?: boolean;
            readonly name: string;
            /** @default 0 */
            readonly time?: number;
            /** @default  */
            readonly warehouse?: string;
        };
        /**
         * BoardLane
         * @description A Warehouse.
         */
        readonly BoardLane: {
            /** @default  */
            readonly error?: string;
            /** @default 0 */
            readonly failed?: number;
            readonly name: string;
            /** @default 0 */
            readonly next?: number;
        };
        /**
         * BoardRow
         * @description A line of delivery.
         */
        readonly BoardRow: {
            readonly title: string;
        };
        /**
         * BoardStage
         * @description The cell of a Stage.
         */
        readonly BoardStage: {
            /** @default  */
            readonly actor?: string;
            /** @default false */
            readonly auto?: boolean;
            /** @default 0 */
            readonly behind?: number;
            readonly blocker?: readonly unknown[];
            /** @default 0 */
            readonly col?: number;
            /** @default  */
            readonly drift?: string;
            /** @default 0 */
            readonly failed?: number;
            /** @default false */
            readonly flow?: boolean;
            readonly freight?: readonly string[];
            readonly from?: readonly string[];
            /** @default false */
            readonly gone?: boolean;
            /** @default Healthy */
            readonly health?: string;
            readonly hold?: readonly unknown[];
            readonly may?: readonly string[];
            /** @default  */
            readonly msg?: string;
            readonly name: string;
            /** @default  */
            readonly next?: string;
            /** @default 0 */
            readonly ord?: number;
            /** @default Steady */
            readonly phase?: string;
            /** @default  */
            readonly promotion?: string;
            /** @default 0 */
            readonly queued?: number;
            /** @default ok */
            readonly role?: string;
            /** @default 0 */
            readonly row?: number;
            /** @default 0 */
            readonly since?: number;
            readonly step?: readonly unknown[];
            readonly up?: readonly string[];
            /** @default Successful */
            readonly verify?: string;
        };
        /**
         * ChosenItems
         * @description A page whose items have the fields that were asked for, and no others; those that an item has not are left out.
         */
        readonly ChosenItems: {
            /** Format: date-time */
            readonly at?: string;
            /** @default null */
            readonly cursor?: string | null;
            readonly fields: readonly string[];
            readonly items: readonly Record<string, never>[];
            readonly receiver?: string;
            readonly rev?: number;
        };
        /**
         * ChosenOverview
         * @description The same, with the fields of Projects that were asked for, and no others.
         */
        readonly ChosenOverview: {
            /** Format: date-time */
            readonly at: string;
            readonly cursor?: string;
            readonly envs: readonly string[];
            readonly fields: readonly string[];
            readonly moves: readonly (readonly [
                string,
                string,
                string,
                string,
                string,
                string,
                number,
                number,
                string
            ])[];
            readonly projects: readonly Record<string, never>[];
            readonly rev: number;
        };
        /**
         * Claim
         * @description What must be said of a person.
         */
        readonly Claim: {
            readonly name: string;
            readonly values: readonly string[];
        };
        /**
         * ComparedSide
         * @description What is compared.
         */
        readonly ComparedSide: {
            readonly alias: string;
            readonly kind: string;
            readonly name: string;
        };
        /**
         * Debt
         * @description Stays, the latest first; `since`: older ones are not told of.
         */
        readonly Debt: {
            readonly items: readonly components["schemas"]["ShownStay"][];
            /** @default  */
            readonly since?: string;
        };
        /**
         * Diagnosis
         * @description How the server is, one thing after the other.
         */
        readonly Diagnosis: {
            /** Format: date-time */
            readonly at: string;
            readonly ill: number;
            readonly items: readonly components["schemas"]["FoundThing"][];
            readonly rev: number;
        };
        /**
         * EarlierAttempt
         * @description A Promotion that this one tries again, the latest first.
         */
        readonly EarlierAttempt: {
            /** @default 0 */
            readonly end?: number;
            /** @default  */
            readonly msg?: string;
            readonly name: string;
            /** @default  */
            readonly phase?: string;
            /** @default 0 */
            readonly start?: number;
        };
        /**
         * EndedSessions
         * @description How many there were.
         */
        readonly EndedSessions: {
            readonly ended: number;
        };
        /** @description What went wrong, in words. */
        readonly Error: {
            readonly error: string;
        };
        /**
         * ExplainedFreight
         * @description The gates of one Freight: those that are shut first, the hardest before the others.
         */
        readonly ExplainedFreight: {
            /** @default  */
            readonly alias?: string;
            readonly freight: string;
            readonly gates: readonly components["schemas"]["ShownGate"][];
            readonly origin: string;
            /** @default null */
            readonly soonest?: string | null;
            /** @default  */
            readonly summary?: string;
            /** @default [] */
            readonly then?: readonly components["schemas"]["OnwardStage"][];
            /** @default [] */
            readonly verdicts?: readonly string[];
        };
        /**
         * ExplainedPromotion
         * @description How far a Promotion is, what it waits for and until when.
         */
        readonly ExplainedPromotion: {
            readonly lastPass: components["schemas"]["ShownPass"] | null;
            readonly message: string;
            readonly phase: string;
            readonly promotion: string;
            readonly retry: components["schemas"]["ShownRetry"] | null;
            readonly step: components["schemas"]["RunningStep"] | null;
            readonly until: string | null;
            readonly waitingFor: string | null;
            readonly wokenBy: readonly string[];
        };
        /**
         * ExplainedStage
         * @description Why Freight does or does not come in.
         *
         *         Of one origin, its keys are here; of several, each has an entry of `explanations`.
         */
        readonly ExplainedStage: {
            /** @default  */
            readonly alias?: string;
            /** @default null */
            readonly argocd?: components["schemas"]["ReachedConnection"] | null;
            /** @default [] */
            readonly debt?: readonly components["schemas"]["ShownStay"][];
            /** @default [] */
            readonly explanations?: readonly components["schemas"]["ExplainedFreight"][];
            /** @default  */
            readonly freight?: string;
            /** @default [] */
            readonly gates?: readonly components["schemas"]["ShownGate"][];
            /** @default null */
            readonly health?: components["schemas"]["StageHealth"] | null;
            /** @default [] */
            readonly hooks?: readonly components["schemas"]["WaitingHook"][];
            readonly lastPass: components["schemas"]["ShownPass"] | null;
            /** @default  */
            readonly origin?: string;
            readonly queue: readonly components["schemas"]["QueuedPromotion"][];
            /** @default null */
            readonly soonest?: string | null;
            readonly stage: string;
            /** @default  */
            readonly summary?: string;
            /** @default [] */
            readonly then?: readonly components["schemas"]["OnwardStage"][];
            /** @default [] */
            readonly verdicts?: readonly string[];
            /** @default null */
            readonly verification?: components["schemas"]["ShownVerification"] | null;
            /** @default  */
            readonly waitingFor?: string;
        };
        /**
         * ExplainedSubscription
         * @description What a look at one subscription came to. `candidates`: those that are found, the winner first, then those that are kept out.
         */
        readonly ExplainedSubscription: {
            readonly candidates: readonly components["schemas"]["ShownCandidate"][];
            readonly error: string;
            readonly excluded: readonly components["schemas"]["RuleCount"][];
            readonly leftOut: number;
            readonly name: string;
            readonly notes: readonly string[];
            readonly place: number;
            readonly repoURL: string;
            readonly type: string;
        };
        /**
         * ExplainedWarehouse
         * @description What a Warehouse finds, and why.
         *
         *         `explainedAt`: when it was looked at for this; null: candidates are those that the last look found, without those that it did not take.
         */
        readonly ExplainedWarehouse: {
            readonly edited: boolean;
            readonly explainedAt: string | null;
            readonly failing: components["schemas"]["FailingSince"] | null;
            readonly freight: components["schemas"]["WouldBeFreight"] | null;
            readonly lastLook: string | null;
            readonly nextLook: string | null;
            readonly settling: components["schemas"]["SettlingBurst"] | null;
            readonly silentReceivers: readonly components["schemas"]["SilentReceiver"][];
            readonly spent: components["schemas"]["SpentByLooks"] | null;
            readonly subscriptions: readonly components["schemas"]["ExplainedSubscription"][];
            readonly waitingFor: string;
            readonly warehouse: string;
        };
        /**
         * FailingSince
         * @description What keeps the Warehouse from being looked at, and since when.
         */
        readonly FailingSince: {
            readonly message: string;
            readonly reason: string;
            readonly since: string | null;
        };
        /**
         * FoundThing
         * @description How one thing is.
         */
        readonly FoundThing: {
            /** @enum {unknown} */
            readonly is: "ill" | "ok" | "unknown";
            readonly remedy: string;
            readonly said: string;
            readonly what: string;
        };
        /**
         * FreightAttached
         * @description What is attached to the images of a Freight. `leftOut`: images that are not asked about.
         */
        readonly FreightAttached: {
            readonly alias: string;
            readonly freight: string;
            readonly images: readonly components["schemas"]["ImageAttachments"][];
            readonly leftOut: number;
        };
        /**
         * GateEvidence
         * @description An object of the Project by which a gate is open or shut.
         */
        readonly GateEvidence: {
            readonly kind: string;
            readonly name: string;
        };
        /**
         * HistoryItem
         * @description A stay, a promotion, an approval or a verification, as `of` asks for: each has the keys that fit it.
         */
        readonly HistoryItem: {
            /** @default  */
            readonly actor?: string;
            /** @default null */
            readonly created?: string | null;
            /** @default null */
            readonly deleted?: string | null;
            /** @default null */
            readonly endedBy?: string | null;
            /** @default null */
            readonly finished?: string | null;
            readonly freight: string | readonly string[];
            /** @default  */
            readonly id?: string;
            /** @default  */
            readonly message?: string;
            /** @default  */
            readonly name?: string;
            /** @default  */
            readonly origin?: string;
            /** @default  */
            readonly phase?: string;
            /** @default null */
            readonly promotion?: string | null;
            /** @default  */
            readonly reason?: string;
            /** @default null */
            readonly reference?: unknown;
            /** @default null */
            readonly retries?: components["schemas"]["RetriedPromotion"] | null;
            /** @default null */
            readonly since?: string | null;
            /** @default null */
            readonly started?: string | null;
            /** @default null */
            readonly until?: string | null;
            /** @default null */
            readonly via?: components["schemas"]["AskedBy"] | null;
        };
        /**
         * Hunk
         * @description Lines that differ, with those around them.
         */
        readonly Hunk: {
            readonly after: number;
            readonly before: number;
            readonly lines: readonly string[];
        };
        /**
         * ImageAttachments
         * @description What is attached to one image. `by`: how its registry tells; `nothing`: it has neither API nor tag; empty with `error`.
         *
         *         `isCut`: there is more that is not shown.
         */
        readonly ImageAttachments: {
            readonly askedAt: string | null;
            readonly attached: readonly components["schemas"]["ShownAttachment"][];
            /** @enum {unknown} */
            readonly by: "" | "api" | "nothing" | "tag";
            readonly digest: string;
            readonly error: string;
            readonly isCut: boolean;
            readonly repoURL: string;
            readonly tag: string;
        };
        /**
         * ImportKey
         * @description For which key Secrets are to be sealed that come here.
         */
        readonly ImportKey: {
            readonly id: string;
            readonly key: string;
        };
        /**
         * Inbox
         * @description A page of it, by Project.
         */
        readonly Inbox: {
            /** Format: date-time */
            readonly at: string;
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["InboxItem"][];
            readonly rev: number;
        };
        /**
         * InboxItem
         * @description Something that waits for the caller. What is empty is left out.
         */
        readonly InboxItem: {
            /** @default  */
            readonly freight?: string;
            readonly kind: string;
            /** @default  */
            readonly msg?: string;
            readonly project: string;
            /** @default  */
            readonly promotion?: string;
            /** @default 0 */
            readonly since?: number;
            readonly stage: string;
            /** @default 0 */
            readonly until?: number;
        };
        /** @description One Freight on its way into one Stage. */
        readonly "io.akuity.kargo.v1alpha1.Promotion": {
            /** @description API group and version. */
            readonly apiVersion?: string;
            /** @description Kind of object. */
            readonly kind?: string;
            /** @description Standard metadata. */
            readonly metadata?: components["schemas"]["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"];
            /** @description What is promoted to where. */
            readonly spec: {
                /** @description The Freight to promote. */
                readonly freight?: string;
                /** @description Promote the newest available Freight of this origin instead. */
                readonly origin?: {
                    /**
                     * @description Kind of source.
                     * @enum {string}
                     */
                    readonly kind: "Warehouse";
                    /** @description Name of the source. */
                    readonly name: string;
                };
                /** @description The Stage to promote to. */
                readonly stage: string;
                /** @description What to do, in this order. */
                readonly steps: readonly {
                    /** @description Name under which later steps find its output. */
                    readonly as?: string;
                    /** @description What the step needs to know; its page says what. */
                    readonly config?: unknown;
                    /** @description Whether the Promotion goes on when the step fails. */
                    readonly continueOnError?: boolean;
                    /** @description Expression; false: the step is skipped. */
                    readonly if?: string;
                    /** @description When it is tried again. */
                    readonly retry?: {
                        /**
                         * Format: int32
                         * @description How many consecutive errors end it.
                         */
                        readonly errorThreshold?: number;
                        /** @description How long the step may go on, all tries together. */
                        readonly timeout?: string;
                    };
                    /** @description The task to run in its place. */
                    readonly task?: {
                        /**
                         * @description Kind of the task; in the Project by default.
                         * @enum {string}
                         */
                        readonly kind?: "PromotionTask" | "ClusterPromotionTask";
                        /** @description Name of the task. */
                        readonly name: string;
                    };
                    /** @description Which step to run. */
                    readonly uses?: string;
                    /** @description Variables for this step. */
                    readonly vars?: readonly {
                        /** @description Name in expressions. */
                        readonly name: string;
                        /** @description Its value; may hold expressions itself. */
                        readonly value?: string;
                    }[];
                }[];
                /** @description The Target to promote to, for Stages that have them. */
                readonly target?: string;
                /** @description Variables for all steps. */
                readonly vars?: readonly {
                    /** @description Name in expressions. */
                    readonly name: string;
                    /** @description Its value; may hold expressions itself. */
                    readonly value?: string;
                }[];
            };
            /** @description How it fares. */
            readonly status?: {
                /**
                 * Format: int64
                 * @description The step it is at, from 0.
                 */
                readonly currentStep?: number;
                /**
                 * Format: date-time
                 * @description When it ended.
                 */
                readonly finishedAt?: string;
                /** @description The Freight being promoted. */
                readonly freight?: {
                    /** @description Other artifacts. */
                    readonly artifacts?: readonly {
                        /** @description Type of artifact. */
                        readonly artifactType?: string;
                        /** @description What the extension tells about it. */
                        readonly metadata?: unknown;
                        /** @description Name of the subscription it came from. */
                        readonly subscriptionName: string;
                        /** @description The version. */
                        readonly version: string;
                    }[];
                    /** @description Charts. */
                    readonly charts?: readonly {
                        /** @description Chart in the repository. */
                        readonly name?: string;
                        /** @description Repository or chart URL. */
                        readonly repoURL?: string;
                        /** @description Name of the subscription it came from. */
                        readonly subscriptionName?: string;
                        /** @description Version. */
                        readonly version?: string;
                    }[];
                    /** @description Commits. */
                    readonly commits?: readonly {
                        /** @description `Name <address>`. */
                        readonly author?: string;
                        /** @description Branch it was found on. */
                        readonly branch?: string;
                        /** @description `Name <address>`. */
                        readonly committer?: string;
                        /** @description Full SHA. */
                        readonly id?: string;
                        /** @description First line of its message. */
                        readonly message?: string;
                        /** @description Repository URL. */
                        readonly repoURL?: string;
                        /** @description Name of the subscription it came from. */
                        readonly subscriptionName?: string;
                        /** @description Tag that led to it. */
                        readonly tag?: string;
                    }[];
                    /** @description Images. */
                    readonly images?: readonly {
                        /** @description OCI annotations. */
                        readonly annotations?: {
                            readonly [key: string]: string;
                        };
                        /** @description Digest. */
                        readonly digest?: string;
                        /** @description Repository. */
                        readonly repoURL?: string;
                        /** @description Name of the subscription it came from. */
                        readonly subscriptionName?: string;
                        /** @description Tag. */
                        readonly tag?: string;
                    }[];
                    /** @description Name of the Freight. */
                    readonly name?: string;
                    /** @description Where it came from. */
                    readonly origin?: {
                        /**
                         * @description Kind of source.
                         * @enum {string}
                         */
                        readonly kind: "Warehouse";
                        /** @description Name of the source. */
                        readonly name: string;
                    };
                };
                /** @description What the Stage holds when this has succeeded. */
                readonly freightCollection?: {
                    /** @description SHA-1 of the sorted Freight names, joined by commas. */
                    readonly id: string;
                    /** @description Freight by origin, `Warehouse/<name>`. */
                    readonly items?: {
                        readonly [key: string]: {
                            /** @description Other artifacts. */
                            readonly artifacts?: readonly {
                                /** @description Type of artifact. */
                                readonly artifactType?: string;
                                /** @description What the extension tells about it. */
                                readonly metadata?: unknown;
                                /** @description Name of the subscription it came from. */
                                readonly subscriptionName: string;
                                /** @description The version. */
                                readonly version: string;
                            }[];
                            /** @description Charts. */
                            readonly charts?: readonly {
                                /** @description Chart in the repository. */
                                readonly name?: string;
                                /** @description Repository or chart URL. */
                                readonly repoURL?: string;
                                /** @description Name of the subscription it came from. */
                                readonly subscriptionName?: string;
                                /** @description Version. */
                                readonly version?: string;
                            }[];
                            /** @description Commits. */
                            readonly commits?: readonly {
                                /** @description `Name <address>`. */
                                readonly author?: string;
                                /** @description Branch it was found on. */
                                readonly branch?: string;
                                /** @description `Name <address>`. */
                                readonly committer?: string;
                                /** @description Full SHA. */
                                readonly id?: string;
                                /** @description First line of its message. */
                                readonly message?: string;
                                /** @description Repository URL. */
                                readonly repoURL?: string;
                                /** @description Name of the subscription it came from. */
                                readonly subscriptionName?: string;
                                /** @description Tag that led to it. */
                                readonly tag?: string;
                            }[];
                            /** @description Images. */
                            readonly images?: readonly {
                                /** @description OCI annotations. */
                                readonly annotations?: {
                                    readonly [key: string]: string;
                                };
                                /** @description Digest. */
                                readonly digest?: string;
                                /** @description Repository. */
                                readonly repoURL?: string;
                                /** @description Name of the subscription it came from. */
                                readonly subscriptionName?: string;
                                /** @description Tag. */
                                readonly tag?: string;
                            }[];
                            /** @description Name of the Freight. */
                            readonly name?: string;
                            /** @description Where it came from. */
                            readonly origin?: {
                                /**
                                 * @description Kind of source.
                                 * @enum {string}
                                 */
                                readonly kind: "Warehouse";
                                /** @description Name of the source. */
                                readonly name: string;
                            };
                        };
                    };
                    /** @description Verifications, newest first. */
                    readonly verificationHistory?: readonly {
                        /** @description Who asked for it, if somebody did. */
                        readonly actor?: string;
                        /** @description What does the measuring. */
                        readonly analysisRun?: {
                            /** @description Its name. */
                            readonly name: string;
                            /** @description Its namespace. */
                            readonly namespace: string;
                            /** @description How far it is. */
                            readonly phase: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it ended.
                         */
                        readonly finishTime?: string;
                        /** @description Identity of the run. */
                        readonly id?: string;
                        /** @description More about that. */
                        readonly message?: string;
                        /** @description How far it is. */
                        readonly phase?: string;
                        /**
                         * Format: date-time
                         * @description When it began.
                         */
                        readonly startTime?: string;
                    }[];
                };
                /** @description Checks that steps asked for. */
                readonly healthChecks?: readonly {
                    /** @description What the check needs to know. */
                    readonly config?: unknown;
                    /** @description Which check to run. */
                    readonly uses: string;
                }[];
                /** @description The last refresh request that was honoured. */
                readonly lastHandledRefresh?: string;
                /** @description More about that, also what it waits for. */
                readonly message?: string;
                /** @description How far it is. */
                readonly phase?: string;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                readonly startedAt?: string;
                /** @description Outputs of the steps, by alias. */
                readonly state?: unknown;
                /** @description How the steps fare. */
                readonly stepExecutionMetadata?: readonly {
                    /** @description Name of the step. */
                    readonly alias?: string;
                    /** @description Whether a failure of it was let pass. */
                    readonly continueOnError?: boolean;
                    /**
                     * Format: int32
                     * @description Consecutive errors so far.
                     */
                    readonly errorCount?: number;
                    /**
                     * Format: date-time
                     * @description When it ended.
                     */
                    readonly finishedAt?: string;
                    /** @description More about that. */
                    readonly message?: string;
                    /**
                     * Format: date-time
                     * @description When it began.
                     */
                    readonly startedAt?: string;
                    /** @description How far it is. */
                    readonly status?: string;
                }[];
            };
        };
        /** @description Values that are sealed at rest and masked on read, such as credentials. */
        readonly "io.k8s.api.core.v1.Secret": {
            /** @description API group and version. */
            readonly apiVersion?: string;
            /** @description The values, in base64. */
            readonly data?: {
                readonly [key: string]: string;
            };
            /** @description Whether the values are fixed. */
            readonly immutable?: boolean;
            /** @description Kind of object. */
            readonly kind?: string;
            /** @description Standard metadata. */
            readonly metadata?: components["schemas"]["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"];
            /** @description The values as text, on writing; moved into `data`. */
            readonly stringData?: {
                readonly [key: string]: string;
            };
            /** @description What the values are; `Opaque` if absent. */
            readonly type?: string;
        };
        /** @description A list of Secret objects. */
        readonly "io.k8s.api.core.v1.SecretList": {
            /** @description API group and version. */
            readonly apiVersion?: string;
            /** @description The objects. */
            readonly items: readonly components["schemas"]["io.k8s.api.core.v1.Secret"][];
            /** @description Kind of list. */
            readonly kind?: string;
            /** @description Position in the change log, and where a long list goes on. */
            readonly metadata?: components["schemas"]["io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"];
        };
        /** @description Position in the change log, and where a long list goes on. */
        readonly "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta": {
            /** @description Where the list goes on; empty at its end. */
            readonly continue?: string;
            /**
             * Format: int64
             * @description How many objects are to come, where that is known.
             */
            readonly remainingItemCount?: number;
            /** @description The revision the list is of. */
            readonly resourceVersion?: string;
        };
        /** @description Standard metadata of a Kubernetes object. */
        readonly "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {
            /** @description Keys and values for people and tools. */
            readonly annotations?: {
                readonly [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When it was created. Set by the system.
             */
            readonly creationTimestamp?: string;
            /**
             * Format: int64
             * @description Seconds that are waited at most before deletion. Set by the system.
             */
            readonly deletionGracePeriodSeconds?: number;
            /**
             * Format: date-time
             * @description When its deletion was asked for, while it waits for finalizers. Set by the system.
             */
            readonly deletionTimestamp?: string;
            /** @description What must still be done before the object may go. */
            readonly finalizers?: readonly string[];
            /** @description Prefix of a name that is made up on creation. */
            readonly generateName?: string;
            /**
             * Format: int64
             * @description Counts changes of what is wanted. Set by the system.
             */
            readonly generation?: number;
            /** @description Keys and values that objects can be selected by. */
            readonly labels?: {
                readonly [key: string]: string;
            };
            /** @description Which field manager set which fields. Set by the system. */
            readonly managedFields?: readonly Record<string, never>[];
            /** @description Unique among objects of the kind in the namespace. */
            readonly name?: string;
            /** @description The Project the object lives in, for namespaced kinds. */
            readonly namespace?: string;
            /** @description Objects this one belongs to and goes with. */
            readonly ownerReferences?: readonly {
                /** @description API version of the owner. */
                readonly apiVersion: string;
                /** @description Whether a foreground deletion of the owner waits for this object. */
                readonly blockOwnerDeletion?: boolean;
                /** @description Whether the owner manages this object; at most one may. */
                readonly controller?: boolean;
                /** @description Kind of the owner. */
                readonly kind: string;
                /** @description Name of the owner. */
                readonly name: string;
                /** @description Uid of the owner. */
                readonly uid: string;
            }[];
            /** @description Revision of the last write. Set by the system. */
            readonly resourceVersion?: string;
            /** @description Identity: another object of the same name has another. Set by the system. */
            readonly uid?: string;
        };
        /**
         * KargoRole
         * @description Whom claims are mapped to, and what they may do.
         */
        readonly KargoRole: {
            /** @default  */
            readonly apiVersion?: string;
            /** @default [] */
            readonly claims?: readonly components["schemas"]["Claim"][];
            /** @default false */
            readonly kargoManaged?: boolean;
            /** @default  */
            readonly kind?: string;
            readonly metadata: components["schemas"]["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"];
            /** @default [] */
            readonly rules?: readonly components["schemas"]["RoleRule"][];
        };
        /**
         * Lens
         * @description What one Freight means in each Stage: state, gate or place, when time opens it, earliest and latest arrival.
         */
        readonly Lens: {
            /** Format: date-time */
            readonly at: string;
            readonly freight: string;
            readonly rev: number;
            readonly stages: {
                readonly [key: string]: readonly unknown[];
            };
        };
        /**
         * LineHeld
         * @description A hold that is in force. Times are seconds since 1970, 0 for none.
         */
        readonly LineHeld: {
            readonly actor: string;
            readonly origin: string;
            readonly reason: string;
            readonly since: number;
            readonly stage: string;
            readonly stop: boolean;
            readonly until: number;
        };
        /**
         * LineUnderWay
         * @description A Stage whose Promotions run, or wait for their turn: what no stop stops.
         */
        readonly LineUnderWay: {
            readonly promotion: string;
            readonly queued: number;
            readonly stage: string;
        };
        /**
         * Log
         * @description Lines so far, and whether there will be more. Of a Promotion also `rev`, to wait for what comes after it.
         */
        readonly Log: {
            readonly done: boolean;
            /** @default 0 */
            readonly from?: number;
            readonly lines: readonly components["schemas"]["LogLine"][];
            /** @default 0 */
            readonly rev?: number;
            /** @default 0 */
            readonly total?: number;
        };
        /**
         * LogLine
         * @description What a step, or the whole, came to.
         */
        readonly LogLine: {
            readonly message: string;
            readonly status: string;
            readonly step: string;
            readonly time: string;
        };
        /**
         * MadePlan
         * @description A plan: of one Stage as `plans/ID` answers it, of several as `plan/ID` does.
         */
        readonly MadePlan: {
            readonly actor: string;
            /** @default null */
            readonly at?: string | null;
            readonly bases: readonly components["schemas"]["Base"][];
            readonly freight: string;
            /** @default [] */
            readonly gates?: readonly components["schemas"]["ShownGate"][];
            /** @default false */
            readonly hasMoreVariants?: boolean;
            readonly id: string;
            readonly outdated: readonly string[];
            /** Format: date-time */
            readonly plannedAt: string;
            /** @default 0 */
            readonly rev?: number;
            /** @default  */
            readonly stage?: string;
            /** @default null */
            readonly sum?: components["schemas"]["PlanCounts"] | null;
            /** @default [] */
            readonly targets?: readonly components["schemas"]["ShownTarget"][];
            /** @default [] */
            readonly variants?: readonly Record<string, never>[];
        };
        /**
         * MoveDensity
         * @description How many were asked for in each part of a span, and how many of them failed.
         */
        readonly MoveDensity: {
            /** Format: date-time */
            readonly at: string;
            readonly failures: readonly number[];
            readonly moves: readonly number[];
            readonly rev: number;
            readonly since: number;
            readonly until: number;
        };
        /**
         * MovesMade
         * @description What became of each.
         */
        readonly MovesMade: {
            /** Format: date-time */
            readonly at: string;
            readonly kind: string;
            readonly refused: number;
            readonly rev: number;
            readonly targets: readonly components["schemas"]["MoveTarget"][];
        };
        /**
         * MoveTarget
         * @description What became of one target.
         */
        readonly MoveTarget: {
            /** @default [] */
            readonly changed?: readonly string[];
            /** @default  */
            readonly error?: string;
            /** @default  */
            readonly freight?: string;
            /** @default [] */
            readonly gates?: readonly Record<string, never>[];
            /** @default {} */
            readonly holds?: {
                readonly [key: string]: string;
            };
            /** @default  */
            readonly promotion?: string;
            /** @enum {unknown} */
            readonly result: "approved" | "held" | "promoted" | "quarantined" | "refused" | "released" | "resumed" | "verifying";
            /** @default [] */
            readonly resumed?: readonly string[];
            /** @default  */
            readonly stage?: string;
            /** @default 0 */
            readonly status?: number;
            /** @default  */
            readonly until?: string;
            /** @default  */
            readonly verification?: string;
        };
        /**
         * MyRights
         * @description What the caller may do to each Stage that they may see: bit n stands for word n.
         */
        readonly MyRights: {
            /** Format: date-time */
            readonly at: string;
            readonly default: number;
            readonly project: string;
            readonly rev: number;
            readonly stages: {
                readonly [key: string]: number;
            };
            readonly words: readonly string[];
        };
        /**
         * Myself
         * @description Who calls.
         */
        readonly Myself: {
            readonly actor: string;
            readonly admin: boolean;
            /** Format: date-time */
            readonly at: string;
            readonly groups: readonly string[];
            readonly rev: number;
            readonly user: string;
            /** @default null */
            readonly via?: components["schemas"]["AskedBy"] | null;
        };
        /**
         * NewApiToken
         * @description A new token of a role's ServiceAccount.
         */
        readonly NewApiToken: {
            /** @default  */
            readonly description?: string;
            /** @default  */
            readonly expiresAt?: string;
            readonly name: string;
        };
        /**
         * NewGenericCredentials
         * @description A new generic credential.
         */
        readonly NewGenericCredentials: {
            readonly data: {
                readonly [key: string]: string;
            };
            /** @default  */
            readonly description?: string;
            readonly name: string;
            /** @default false */
            readonly replicate?: boolean;
            /** @default  */
            readonly type?: string;
        };
        /**
         * NewRepoCredentials
         * @description A new credential of a repository.
         */
        readonly NewRepoCredentials: {
            /** @default  */
            readonly description?: string;
            readonly name: string;
            readonly password: string;
            readonly repoUrl: string;
            /** @default false */
            readonly repoUrlIsRegex?: boolean;
            readonly type: string;
            readonly username: string;
        };
        /**
         * NewToken
         * @description A new one, with what is shown this once.
         */
        readonly NewToken: {
            /** Format: date-time */
            readonly created: string;
            /** Format: date-time */
            readonly expires: string;
            readonly name: string;
            readonly token: string;
            readonly used: string | null;
        };
        /**
         * OnwardStage
         * @description A Stage that lies behind, and when Freight could come there. What is unknown is left out.
         */
        readonly OnwardStage: {
            /** @default 0 */
            readonly earliest?: number;
            /** @default  */
            readonly gate?: string;
            /** @default 0 */
            readonly latest?: number;
            readonly stage: string;
            /** @enum {unknown} */
            readonly state: "can" | "failed" | "here" | "queued" | "waits" | "was";
        };
        /**
         * Overview
         * @description All Projects that the caller may see, a page of them, and the last moves.
         */
        readonly Overview: {
            /** Format: date-time */
            readonly at: string;
            readonly cursor?: string;
            readonly envs: readonly string[];
            readonly moves: readonly (readonly [
                string,
                string,
                string,
                string,
                string,
                string,
                number,
                number,
                string
            ])[];
            readonly projects: readonly components["schemas"]["OverviewProject"][];
            readonly rev: number;
        };
        /**
         * OverviewCell
         * @description What is in an environment of a Project.
         */
        readonly OverviewCell: {
            /** @default 0 */
            readonly behind?: number;
            /** @default 1 */
            readonly n?: number;
            /** @default ok */
            readonly role?: string;
            readonly roles?: {
                readonly [key: string]: number;
            };
            /** @default 0 */
            readonly since?: number;
            /** @default  */
            readonly stage?: string;
            readonly ver?: readonly string[];
            /** @default 0 */
            readonly vers?: number;
        };
        /**
         * OverviewProject
         * @description A Project, in a few words.
         */
        readonly OverviewProject: {
            readonly cells?: {
                readonly [key: string]: components["schemas"]["OverviewCell"];
            };
            readonly counts: {
                readonly [key: string]: number;
            };
            readonly labels?: {
                readonly [key: string]: string;
            };
            readonly name: string;
            readonly trouble?: readonly (readonly [
                string,
                string,
                string,
                string,
                number,
                string
            ])[];
        };
        /**
         * OwnSession
         * @description A session of the caller's.
         */
        readonly OwnSession: {
            readonly address: string;
            readonly agent: string;
            /** Format: date-time */
            readonly created: string;
            /** Format: date-time */
            readonly expires: string;
            readonly id: string;
            readonly isThis: boolean;
            /** Format: date-time */
            readonly used: string;
        };
        /**
         * OwnSessions
         * @description A page of them, the oldest first.
         */
        readonly OwnSessions: {
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["OwnSession"][];
        };
        /**
         * OwnToken
         * @description A personal token of the caller's.
         */
        readonly OwnToken: {
            /** Format: date-time */
            readonly created: string;
            /** Format: date-time */
            readonly expires: string;
            readonly name: string;
            readonly used: string | null;
        };
        /**
         * OwnTokens
         * @description A page of them, the oldest first.
         */
        readonly OwnTokens: {
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["OwnToken"][];
        };
        /**
         * PastMove
         * @description One line. What is empty is left out.
         */
        readonly PastMove: {
            /** @default  */
            readonly actor?: string;
            readonly at: number;
            /** @default  */
            readonly freight?: string;
            /**
             * @default promotion
             * @enum {unknown}
             */
            readonly kind?: "approval" | "promotion" | "verification";
            /** @default  */
            readonly name?: string;
            readonly project: string;
            /** @default  */
            readonly reason?: string;
            /** @default  */
            readonly result?: string;
            readonly stage: string;
            /** @default 0 */
            readonly until?: number;
            /** @default null */
            readonly via?: components["schemas"]["AskedBy"] | null;
        };
        /**
         * PastMoves
         * @description A page of lines, the newest first.
         */
        readonly PastMoves: {
            /** Format: date-time */
            readonly at: string;
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["PastMove"][];
            readonly rev: number;
        };
        /**
         * PlanCounts
         * @description How much there is of everything, whatever is shown of it. What is none may be left out.
         */
        readonly PlanCounts: {
            /** @default 0 */
            readonly "-"?: number;
            /** @default 0 */
            readonly "+"?: number;
            /** @default 0 */
            readonly calls?: number;
            /** @default 0 */
            readonly files?: number;
            /** @default 0 */
            readonly gates?: number;
            /** @default 0 */
            readonly noops?: number;
        };
        /**
         * PlannedFile
         * @description The hunks of a file.
         */
        readonly PlannedFile: {
            readonly added: number;
            readonly id: string;
            readonly isBinary: boolean;
            readonly isCut: boolean;
            readonly patch: string;
            readonly path: string;
            readonly removed: number;
        };
        /**
         * PlannedObject
         * @description The hunks of an object that is rendered.
         */
        readonly PlannedObject: {
            readonly added: number;
            readonly apiVersion: string;
            readonly change: string;
            readonly id: string;
            readonly isCut: boolean;
            readonly kind: string;
            readonly name: string;
            readonly namespace: string;
            readonly patch: string;
            readonly removed: number;
        };
        /**
         * PromotionView
         * @description A Promotion. What is empty is left out, but for `steps`, `waits` and `typical`.
         */
        readonly PromotionView: {
            /** @default  */
            readonly actor?: string;
            /** Format: date-time */
            readonly at: string;
            /** @default [] */
            readonly attempts?: readonly components["schemas"]["EarlierAttempt"][];
            /** @default 0 */
            readonly created?: number;
            /** @default 0 */
            readonly end?: number;
            readonly freight: string;
            /** @default  */
            readonly msg?: string;
            readonly name: string;
            readonly phase: string;
            /** @default  */
            readonly plan?: string;
            /** @default  */
            readonly reason?: string;
            /** @default  */
            readonly retryOf?: string;
            readonly rev: number;
            /** @default false */
            readonly rollback?: boolean;
            readonly stage: string;
            /** @default 0 */
            readonly start?: number;
            readonly steps: readonly components["schemas"]["ViewedStep"][];
            readonly typical: components["schemas"]["TypicalDuration"] | null;
            readonly waits: components["schemas"]["ViewedWait"] | null;
        };
        /**
         * ProvidersPage
         * @description Where to go.
         */
        readonly ProvidersPage: {
            readonly authorizationURL: string;
        };
        /**
         * PushOutcome
         * @description A push that was planned, beside the commit that was sent.
         */
        readonly PushOutcome: {
            readonly branch: string;
            readonly commit: string;
            /** @default [] */
            readonly differ?: readonly string[];
            /** @default 0 */
            readonly differing?: number;
            /** @default 0 */
            readonly files?: number;
            readonly repository: string;
            /** @default null */
            readonly same?: boolean | null;
            /** @default null */
            readonly sameTree?: boolean | null;
            readonly step: string;
            /** @default  */
            readonly unknown?: string;
        };
        /**
         * QueuedPromotion
         * @description A Promotion that runs or waits.
         */
        readonly QueuedPromotion: {
            readonly freight: string;
            readonly phase: string;
            readonly promotion: string;
        };
        /**
         * ReachedConnection
         * @description The connection to Argo CD that serves a Stage.
         */
        readonly ReachedConnection: {
            readonly connection: string;
            readonly error: string;
            readonly state: string;
        };
        /**
         * RemovedProject
         * @description What is being deleted, and the archive that it is elsewhere by.
         */
        readonly RemovedProject: {
            readonly archive: string;
            readonly project: string;
        };
        /**
         * RepoCredentialsChanges
         * @description What is to be changed of a credential.
         */
        readonly RepoCredentialsChanges: {
            /** @default null */
            readonly description?: string | null;
            /** @default  */
            readonly password?: string;
            /** @default  */
            readonly repoUrl?: string;
            /** @default false */
            readonly repoUrlIsRegex?: boolean;
            /** @default  */
            readonly type?: string;
            /** @default  */
            readonly username?: string;
        };
        /**
         * RetriedPromotion
         * @description Which Promotion was tried again, from which step.
         */
        readonly RetriedPromotion: {
            readonly fromStep: string;
            readonly promotion: string;
        };
        /**
         * RoleRule
         * @description Verbs on one resource.
         */
        readonly RoleRule: {
            /** @default [] */
            readonly apiGroups?: readonly string[];
            /** @default [] */
            readonly nonResourceURLs?: readonly string[];
            /** @default [] */
            readonly resourceNames?: readonly string[];
            /** @default [] */
            readonly resources?: readonly string[];
            readonly verbs: readonly string[];
        };
        /**
         * RuleCount
         * @description How many candidates a rule keeps out.
         */
        readonly RuleCount: {
            readonly count: number;
            readonly rule: string;
        };
        /**
         * RunningStep
         * @description The step that runs.
         */
        readonly RunningStep: {
            readonly alias: string;
            readonly status: string;
            readonly uses: string;
        };
        /**
         * RunProgress
         * @description How far an AnalysisRun is.
         */
        readonly RunProgress: {
            readonly analysisRun: string;
            readonly completedAt: string | null;
            readonly message: string;
            readonly metrics: readonly components["schemas"]["ShownMetricProgress"][];
            readonly phase: string;
            readonly startedAt: string | null;
            readonly waitingFor: string | null;
        };
        /**
         * ScreenChanges
         * @description What became of documents since a revision.
         */
        readonly ScreenChanges: {
            /** Format: date-time */
            readonly at: string;
            readonly patches: readonly components["schemas"]["StreamPatch"][];
            readonly reset: readonly string[];
            readonly rev: number;
        };
        /**
         * SearchHit
         * @description Something that was found. What is empty is left out.
         */
        readonly SearchHit: {
            /** @default  */
            readonly alias?: string;
            /** @enum {unknown} */
            readonly kind: "actor" | "freight" | "project" | "stage";
            readonly name: string;
            /** @default  */
            readonly project?: string;
            /** @default  */
            readonly term?: string;
            /** @default  */
            readonly version?: string;
        };
        /**
         * SearchHits
         * @description At most 20, what is called exactly so first.
         */
        readonly SearchHits: {
            /** Format: date-time */
            readonly at: string;
            readonly hits: readonly components["schemas"]["SearchHit"][];
            readonly more: boolean;
            readonly rev: number;
        };
        /**
         * ServingCredentials
         * @description Which Secret serves a repository, or the server's own identity, where it is in a registry of a cloud.
         */
        readonly ServingCredentials: {
            readonly comparedAs: string;
            /** @default null */
            readonly identity?: components["schemas"]["ShownIdentity"] | null;
            readonly leftOut: number;
            readonly secrets: readonly components["schemas"]["ShownJudgedSecret"][];
            readonly serves: components["schemas"]["ShownJudgedSecret"] | null;
            readonly type: string;
            readonly url: string;
        };
        /**
         * SettlingBurst
         * @description Pushes that follow one another, of which one Freight is made.
         */
        readonly SettlingBurst: {
            readonly began: string | null;
            readonly changed: string | null;
            readonly latest: string | null;
            readonly until: string | null;
        };
        /**
         * ShownAttachment
         * @description One artifact that says it belongs to an image. Nobody has verified it.
         *
         *         `by`: whether the registry's API has named it, the tag in its place, a tag of cosign's, or the index
         *         of the image itself.
         */
        readonly ShownAttachment: {
            readonly annotations: {
                readonly [key: string]: string;
            };
            readonly artifactType: string;
            /** @enum {unknown} */
            readonly by: "api" | "cosign" | "index" | "tag";
            readonly created: string | null;
            readonly digest: string;
            readonly format: string;
            /** @enum {unknown} */
            readonly kind: "attestation" | "other" | "sbom" | "signature";
            readonly mediaType: string;
            readonly predicate: string;
            readonly size: number;
        };
        /**
         * ShownCaller
         * @description Who calls, and by which means.
         */
        readonly ShownCaller: {
            readonly actor: string;
            readonly claims: {
                readonly [key: string]: readonly string[];
            };
            readonly csrfToken: string | null;
            readonly expires: string | null;
            readonly means: string;
        };
        /**
         * ShownCandidate
         * @description What became of one candidate of a subscription.
         */
        readonly ShownCandidate: {
            /** @default  */
            readonly detail?: string;
            readonly name: string;
            /** @enum {unknown} */
            readonly outcome: "excluded" | "offered" | "wins";
            /** @default  */
            readonly reason?: string;
            /** @default  */
            readonly rule?: string;
        };
        /**
         * ShownComparison
         * @description What differs between two sides.
         */
        readonly ShownComparison: {
            readonly artifacts: readonly components["schemas"]["ShownReleasedArtifact"][];
            /** @default 0 */
            readonly commits?: number;
            /** @default null */
            readonly cursor?: number | null;
            readonly from: components["schemas"]["ComparedSide"];
            readonly issues: readonly string[];
            readonly leftOut: number;
            /** @default [] */
            readonly missing?: readonly components["schemas"]["UnknownCommits"][];
            /** @default  */
            readonly notes?: string;
            readonly to: components["schemas"]["ComparedSide"];
        };
        /**
         * ShownConnection
         * @description A connection to an installation of Argo CD, and how it fares.
         */
        readonly ShownConnection: {
            readonly applications: number;
            readonly by: string;
            readonly default: boolean;
            readonly definedBy: string;
            readonly error: string;
            readonly keptBytes: number;
            readonly lastEvent: string | null;
            readonly latencyMilliseconds: number | null;
            readonly leftOut: number;
            readonly name: string;
            readonly namespace: string;
            readonly projects: readonly string[];
            readonly since: string | null;
            readonly state: string;
            readonly unreadable: readonly components["schemas"]["Unreadable"][];
            readonly url: string;
        };
        /**
         * ShownConnections
         * @description The connections, by name, a page of them.
         */
        readonly ShownConnections: {
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["ShownConnection"][];
        };
        /**
         * ShownDrift
         * @description That what runs is not what was promoted.
         */
        readonly ShownDrift: {
            readonly message: string;
            readonly since: string;
        };
        /**
         * ShownFreeze
         * @description Whether a Project is frozen, and what still runs in it.
         */
        readonly ShownFreeze: {
            readonly actor: string;
            readonly at: string | null;
            readonly frozen: boolean;
            readonly reason: string;
            readonly taken: string | null;
            readonly underWay: readonly string[];
        };
        /**
         * ShownGate
         * @description A reason for which Freight does or does not move.
         */
        readonly ShownGate: {
            readonly bars: string;
            readonly command: string;
            /** @default [] */
            readonly evidence?: readonly components["schemas"]["GateEvidence"][];
            readonly means: string;
            readonly name: string;
            readonly open: boolean;
            readonly opensAt: string | null;
            readonly opensBy: readonly string[];
            readonly reason: string;
            /** @default null */
            readonly remedy?: components["schemas"]["ShownRemedy"] | null;
            readonly since: string | null;
            /** @default [] */
            readonly who?: readonly string[];
        };
        /**
         * ShownHistory
         * @description What was in a Stage, or happened to it, the newest first.
         */
        readonly ShownHistory: {
            readonly items: readonly components["schemas"]["HistoryItem"][];
        };
        /**
         * ShownIdentity
         * @description The server's own identity at a cloud, and why it serves or does not.
         */
        readonly ShownIdentity: {
            readonly cloud: string;
            readonly reason: string;
            readonly serves: boolean;
        };
        /**
         * ShownImport
         * @description What became of an archive. `isNew`: it was taken in now, and not before.
         */
        readonly ShownImport: {
            readonly archive: string;
            readonly isNew: boolean;
            readonly objects: number;
            readonly past: number;
            readonly project: string;
            readonly warnings: readonly string[];
        };
        /**
         * ShownJudgedSecret
         * @description A Secret, and why it serves or does not.
         */
        readonly ShownJudgedSecret: {
            readonly name: string;
            readonly namespace: string;
            readonly reason: string;
            readonly serves: boolean;
        };
        /**
         * ShownMetricProgress
         * @description How far a metric is.
         */
        readonly ShownMetricProgress: {
            readonly dryRun: boolean;
            readonly errors: number;
            readonly inFlight: boolean;
            readonly message: string;
            readonly name: string;
            readonly nextAt: string | null;
            readonly phase: string;
            readonly taken: number;
            readonly wanted: number | null;
        };
        /**
         * ShownOutcome
         * @description What became of the plan of a Promotion.
         */
        readonly ShownOutcome: {
            /** Format: date-time */
            readonly at: string;
            readonly plan: string;
            readonly pushes: readonly components["schemas"]["PushOutcome"][];
            readonly rev: number;
            readonly same: boolean | null;
        };
        /**
         * ShownPass
         * @description When a controller looked at it last.
         */
        readonly ShownPass: {
            /** Format: date-time */
            readonly endedAt: string;
            readonly outcome: string;
            readonly secondsAgo: number;
        };
        /**
         * ShownPlan
         * @description What a promotion would do.
         */
        readonly ShownPlan: {
            readonly actor: string;
            readonly bases: readonly components["schemas"]["Base"][];
            readonly freight: string;
            /** @default [] */
            readonly gates?: readonly components["schemas"]["ShownGate"][];
            readonly hasMoreVariants: boolean;
            readonly id: string;
            readonly outdated: readonly string[];
            /** Format: date-time */
            readonly plannedAt: string;
            readonly stage: string;
            readonly variants: readonly Record<string, never>[];
        };
        /**
         * ShownReleasedArtifact
         * @description An artifact that differs, or does not.
         */
        readonly ShownReleasedArtifact: {
            readonly after: string;
            readonly before: string;
            readonly change: string;
            readonly commits: readonly components["schemas"]["ShownReleasedCommit"][];
            readonly isCut: boolean;
            readonly isRemovedCut: boolean;
            readonly kind: string;
            readonly name: string;
            readonly origin: string;
            readonly removedCommits: readonly components["schemas"]["ShownReleasedCommit"][];
            readonly repoURL: string;
            readonly unknown: string;
        };
        /**
         * ShownReleasedCommit
         * @description A commit that was released.
         */
        readonly ShownReleasedCommit: {
            readonly author: string;
            readonly date: string;
            readonly id: string;
            readonly subject: string;
        };
        /**
         * ShownRemedy
         * @description What opens a gate.
         */
        readonly ShownRemedy: {
            /** @default  */
            readonly command?: string;
            /** @default  */
            readonly url?: string;
            /** @enum {unknown} */
            readonly verb: "approve" | "edit" | "promote" | "refresh" | "release" | "resume" | "wait";
        };
        /**
         * ShownRetry
         * @description Which Promotion another tries again.
         */
        readonly ShownRetry: {
            readonly fromStep: string;
            readonly note: string;
            readonly of: string;
        };
        /**
         * ShownStay
         * @description Freight that was in a Stage, and its verdict.
         */
        readonly ShownStay: {
            readonly analysisRun: string;
            readonly finished: string;
            readonly freight: string;
            readonly message: string;
            readonly origin: string;
            readonly owed: boolean;
            readonly promotion: string;
            readonly reason: string;
            /** Format: date-time */
            readonly since: string;
            readonly stage: string;
            readonly until: string | null;
            readonly verdict: string;
        };
        /**
         * ShownStepPart
         * @description A range of a text.
         */
        readonly ShownStepPart: {
            readonly offset: number;
            readonly part: string;
            readonly text: string;
            readonly total: number;
        };
        /**
         * ShownTarget
         * @description What a promotion to one Stage would do. What is empty is left out.
         */
        readonly ShownTarget: {
            /** @default [] */
            readonly calls?: readonly components["schemas"]["SummedCall"][];
            /** @default null */
            readonly counts?: components["schemas"]["PlanCounts"] | null;
            /** @default [] */
            readonly files?: readonly components["schemas"]["SummedFile"][];
            /** @default [] */
            readonly gates?: readonly components["schemas"]["ShownGate"][];
            /** @default {} */
            readonly more?: {
                readonly [key: string]: number;
            };
            /** @default  */
            readonly msg?: string;
            /** @default [] */
            readonly noops?: readonly components["schemas"]["SummedNoop"][];
            /** @default [] */
            readonly outdated?: readonly string[];
            readonly result: string;
            readonly stage: string;
            /** @default 0 */
            readonly status?: number;
            /** @default 0 */
            readonly ways?: number;
        };
        /**
         * ShownVerification
         * @description The verification that runs or waits.
         */
        readonly ShownVerification: {
            /** @default  */
            readonly actor?: string;
            /** @default  */
            readonly analysisRun?: string;
            /** @default null */
            readonly finishTime?: string | null;
            /** @default  */
            readonly id?: string;
            readonly message: string;
            readonly phase: string;
            /** @default  */
            readonly reason?: string;
            /** @default null */
            readonly run?: components["schemas"]["RunProgress"] | null;
            /** @default null */
            readonly startTime?: string | null;
            /** @default null */
            readonly until?: string | null;
        };
        /**
         * SignIn
         * @description The administrator's password, or what the identity provider has sent.
         */
        readonly SignIn: {
            /** @default  */
            readonly code?: string;
            /** @default  */
            readonly password?: string;
            /** @default  */
            readonly state?: string;
        };
        /**
         * SilentReceiver
         * @description A receiver of webhooks that used to have the Warehouse look, and to which nothing has come for too long.
         *
         *         `name` is empty for who may not see its configuration; `since`: when the last delivery came.
         */
        readonly SilentReceiver: {
            readonly name: string;
            /** @enum {unknown} */
            readonly of: "ClusterConfig" | "ProjectConfig";
            readonly remedy: string;
            readonly said: string;
            readonly since: string | null;
            readonly usualSeconds: number;
        };
        /**
         * SpentByLooks
         * @description What looks at a Warehouse have cost the servers that they asked, since the server's start; `last…`: the last of them.
         */
        readonly SpentByLooks: {
            readonly bytes: number;
            readonly lastBytes: number;
            readonly lastRequests: number;
            readonly looks: number;
            readonly requests: number;
            readonly since: string | null;
        };
        /**
         * StageHealth
         * @description How well a Stage is.
         */
        readonly StageHealth: {
            readonly applications: readonly components["schemas"]["ApplicationHealth"][];
            /** @default null */
            readonly drifted?: components["schemas"]["ShownDrift"] | null;
            readonly issues: readonly string[];
            readonly since: string;
            readonly status: string;
        };
        /**
         * StageLine
         * @description The Stages of a Project by how they stand to a stop of the line: names, in the order of the board.
         */
        readonly StageLine: {
            /** Format: date-time */
            readonly at: string;
            readonly empty: readonly string[];
            readonly forbidden: readonly string[];
            readonly held: readonly string[];
            readonly holds: readonly components["schemas"]["LineHeld"][];
            readonly manual: readonly string[];
            readonly partly: readonly string[];
            readonly project: string;
            readonly rev: number;
            readonly running: readonly components["schemas"]["LineUnderWay"][];
            readonly stopped: readonly string[];
            readonly toHold: readonly string[];
            readonly toResume: readonly string[];
            readonly unreadable: readonly string[];
        };
        /**
         * StepLink
         * @description Where people see what a step did.
         */
        readonly StepLink: {
            /** @enum {unknown} */
            readonly kind: "application" | "commit" | "page" | "pullRequest";
            readonly text: string;
            /** @default  */
            readonly url?: string;
        };
        /**
         * StreamPatch
         * @description A change of a document.
         */
        readonly StreamPatch: {
            readonly k: string;
            readonly set: unknown;
            readonly t: string;
        };
        /**
         * SummedCall
         * @description Something that would be done outside.
         */
        readonly SummedCall: {
            readonly operation: string;
            readonly step: string;
            readonly what: string;
        };
        /**
         * SummedFile
         * @description A file that differs.
         */
        readonly SummedFile: {
            readonly "-": number;
            readonly "+": number;
            /** @default false */
            readonly binary?: boolean;
            readonly id: string;
            /** @enum {unknown} */
            readonly kind: "added" | "changed" | "removed";
            readonly path: string;
            readonly size: number;
        };
        /**
         * SummedFileHunks
         * @description A file with its hunks.
         */
        readonly SummedFileHunks: {
            readonly "-": number;
            readonly "+": number;
            readonly binary: boolean;
            readonly cut: boolean;
            readonly hunks: readonly components["schemas"]["Hunk"][];
            readonly id: string;
            /** @enum {unknown} */
            readonly kind: "added" | "changed" | "removed";
            readonly path: string;
            readonly size: number;
            readonly stage: string;
        };
        /**
         * SummedNoop
         * @description A step that changes nothing.
         */
        readonly SummedNoop: {
            readonly result: string;
            readonly step: string;
            readonly uses: string;
        };
        /**
         * SummedPlan
         * @description What promotions to several Stages would do, in few bytes.
         */
        readonly SummedPlan: {
            readonly actor: string;
            /** Format: date-time */
            readonly at: string;
            readonly bases: readonly components["schemas"]["Base"][];
            readonly freight: string;
            readonly id: string;
            readonly outdated: readonly string[];
            /** Format: date-time */
            readonly plannedAt: string;
            readonly rev: number;
            readonly sum: components["schemas"]["PlanCounts"];
            readonly targets: readonly components["schemas"]["ShownTarget"][];
        };
        /**
         * ToldWebhookReceiver
         * @description A receiver, and how it fares.
         */
        readonly ToldWebhookReceiver: {
            readonly last: string | null;
            readonly lastStatus: number | null;
            readonly name: string;
            readonly path: string;
            readonly problem: string;
            readonly refused: number;
            readonly silentSeconds: number | null;
            readonly taken: number;
            readonly type: string;
            readonly url: string;
            readonly usualSeconds: number | null;
            readonly warning: string;
        };
        /**
         * ToldWebhookReceivers
         * @description The receivers of a configuration, by name, a page of them.
         */
        readonly ToldWebhookReceivers: {
            /** Format: date-time */
            readonly at: string;
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["ToldWebhookReceiver"][];
        };
        /**
         * TriedWebhook
         * @description A delivery to try out. Nobody is woken.
         */
        readonly TriedWebhook: {
            /** @default null */
            readonly body?: unknown;
            /** @default {} */
            readonly headers?: {
                readonly [key: string]: string;
            };
        };
        /**
         * TypicalDuration
         * @description How many seconds Promotions to the Stage that succeeded have taken, of so many.
         */
        readonly TypicalDuration: {
            readonly of: number;
            readonly p50: number;
            readonly p95: number;
        };
        /**
         * UnknownCommits
         * @description An artifact of which it is not known which commits it is of, and why.
         */
        readonly UnknownCommits: {
            readonly kind: string;
            readonly name: string;
            readonly why: string;
        };
        /**
         * Unreadable
         * @description An Application that could not be read.
         */
        readonly Unreadable: {
            readonly application: string;
            readonly reason: string;
        };
        /**
         * View
         * @description A view that was saved.
         */
        readonly View: {
            readonly name: string;
            readonly project: string;
            /** Format: date-time */
            readonly saved: string;
            readonly screen: string;
            readonly search: {
                readonly [key: string]: string;
            };
        };
        /**
         * ViewedStep
         * @description A step. What is empty is left out.
         */
        readonly ViewedStep: {
            readonly alias: string;
            /** @default 0 */
            readonly end?: number;
            /** @default 0 */
            readonly errors?: number;
            readonly kind: string;
            /** @default [] */
            readonly links?: readonly components["schemas"]["StepLink"][];
            /** @default 0 */
            readonly next?: number;
            /** @default  */
            readonly result?: string;
            /** @default 0 */
            readonly start?: number;
            /** @default  */
            readonly status?: string;
        };
        /**
         * ViewedWait
         * @description What it waits for.
         */
        readonly ViewedWait: {
            readonly endedBy: readonly string[];
            readonly reason: string;
            readonly until: string | null;
            readonly wokenBy: readonly string[];
        };
        /**
         * Views
         * @description A page of one's own, by name.
         */
        readonly Views: {
            /** Format: date-time */
            readonly at: string;
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["View"][];
            readonly rev: number;
        };
        /**
         * WaitingHook
         * @description A run of a hook that waits, runs or has failed.
         */
        readonly WaitingHook: {
            readonly blocking: boolean;
            readonly event: string;
            readonly hook: string;
            readonly message: string;
            readonly phase: string;
            readonly run: string;
        };
        /**
         * WantedExport
         * @description For whom Secrets are sealed; `salt`, in base64, where the key is made from a passphrase.
         */
        readonly WantedExport: {
            readonly key: string;
            /** @default  */
            readonly salt?: string;
        };
        /**
         * WantedFreeze
         * @description Why a Project is frozen.
         */
        readonly WantedFreeze: {
            /** @default  */
            readonly reason?: string;
        };
        /**
         * WantedMove
         * @description What is asked for, on which Stages.
         */
        readonly WantedMove: {
            /** @default  */
            readonly freight?: string;
            /** @default null */
            readonly ifRev?: number | null;
            /** @default  */
            readonly key?: string;
            /**
             * @default promote
             * @enum {unknown}
             */
            readonly kind?: "approve" | "downstream" | "hold" | "promote" | "quarantine" | "release" | "resume" | "rollback" | "verify";
            /** @default false */
            readonly line?: boolean;
            /** @default  */
            readonly origin?: string;
            /** @default  */
            readonly planId?: string;
            /** @default  */
            readonly reason?: string;
            /** @default [] */
            readonly stages?: readonly string[];
            /** @default  */
            readonly until?: string;
        };
        /**
         * WantedPlan
         * @description What is to be planned; without Freight, what the Stage would take now.
         */
        readonly WantedPlan: {
            /** @default false */
            readonly allowReads?: boolean;
            /** @default  */
            readonly freight?: string;
            /** @default  */
            readonly freightAlias?: string;
            /** @default false */
            readonly rollback?: boolean;
            /** @default  */
            readonly stage?: string;
            /** @default [] */
            readonly stages?: readonly string[];
        };
        /**
         * WantedRetry
         * @description From which step a Promotion is to be tried again; without one, where it ended.
         */
        readonly WantedRetry: {
            /** @default  */
            readonly fromStep?: string;
        };
        /**
         * WantedToken
         * @description A token that is wanted.
         */
        readonly WantedToken: {
            readonly name: string;
            /** @default  */
            readonly ttl?: string;
        };
        /**
         * WantedView
         * @description What is to be saved: a screen, and what of it is shown.
         */
        readonly WantedView: {
            /** @default  */
            readonly project?: string;
            readonly screen: string;
            /** @default {} */
            readonly search?: {
                readonly [key: string]: string;
            };
        };
        /**
         * WayBack
         * @description Where somebody wants to be who signs in.
         */
        readonly WayBack: {
            /** @default  */
            readonly redirectTo?: string;
        };
        /**
         * WebhookAbout
         * @description What a delivery was about.
         */
        readonly WebhookAbout: {
            readonly files: number;
            readonly refs: readonly string[];
            readonly tags: readonly string[];
            readonly urls: readonly string[];
        };
        /**
         * WebhookReceipt
         * @description A delivery, and what came of it.
         */
        readonly WebhookReceipt: {
            readonly about: components["schemas"]["WebhookAbout"];
            readonly agent: string;
            readonly bytes: number;
            readonly delivery: string;
            readonly event: string;
            readonly failed: readonly components["schemas"]["WokenObject"][];
            readonly failedCount: number;
            readonly from: string;
            readonly id: string;
            readonly passed: readonly components["schemas"]["WokenObject"][];
            readonly passedCount: number;
            readonly promotions: number;
            readonly said: string;
            readonly status: number;
            readonly taken: boolean;
            /** Format: date-time */
            readonly time: string;
            readonly woken: readonly components["schemas"]["WokenObject"][];
            readonly wokenCount: number;
        };
        /**
         * WebhookReceipts
         * @description What came to a receiver, the newest first.
         */
        readonly WebhookReceipts: {
            /** @default null */
            readonly cursor?: string | null;
            readonly items: readonly components["schemas"]["WebhookReceipt"][];
            readonly receiver: string;
        };
        /**
         * WebhookTrial
         * @description What would come of a delivery.
         */
        readonly WebhookTrial: {
            readonly answer: Record<string, never>;
            readonly receipt: components["schemas"]["WebhookReceipt"];
        };
        /**
         * WokenObject
         * @description A Warehouse, and why it did not look.
         */
        readonly WokenObject: {
            readonly name: string;
            readonly project: string;
            /** @default  */
            readonly why?: string;
        };
        /**
         * WouldBeFreight
         * @description What becomes of what was found.
         */
        readonly WouldBeFreight: {
            /** @default  */
            readonly alias?: string;
            readonly message: string;
            /** @default  */
            readonly name?: string;
            /** @enum {unknown} */
            readonly state: "exists" | "failed" | "lacking" | "made" | "manual" | "settles" | "unmet";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly getTowpathV1Argocd: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
                /** @description Part of a name, in upper or lower case: only what has it is listed. */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownConnections"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ArgocdByName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownConnection"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1Backup: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.sqlite3": string;
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Changes: {
        readonly parameters: {
            readonly query: {
                /** @description The smallest `rev` of the documents that are shown. */
                readonly after?: number;
                /** @description overview, inbox, board:PROJECT, promotion:PROJECT/NAME, with commas between them. */
                readonly topics: string;
                /** @description Seconds, 25 by default, at most 60. */
                readonly wait?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ScreenChanges"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Density: {
        readonly parameters: {
            readonly query: {
                /** @description How many parts, 240 where it is not said. */
                readonly buckets?: number;
                /** @description Not before: RFC 3339, or seconds since 1970. */
                readonly from?: string;
                /** @description The Project. */
                readonly project: string;
                /** @description Before: likewise. */
                readonly to?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MoveDensity"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Doctor: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Diagnosis"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1History: {
        readonly parameters: {
            readonly query?: {
                /** @description Only by them. */
                readonly actor?: string;
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description All lines, as a file. */
                readonly format?: "csv" | "jsonl";
                /** @description Only of this Freight, by its name. */
                readonly freight?: string;
                /** @description Not before: RFC 3339, or seconds since 1970. */
                readonly from?: string;
                /** @description What lines are about. */
                readonly kind?: "promotion" | "verification" | "approval";
                /** @description How many lines, 100 where it is not said. */
                readonly limit?: number;
                /** @description Only of this Project. */
                readonly project?: string;
                /** @description Only those that have come to this, such as Failed. */
                readonly result?: string;
                /** @description Only to this Stage. */
                readonly stage?: string;
                /** @description Before: likewise. */
                readonly to?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PastMoves"] | components["schemas"]["ChosenItems"];
                    readonly "application/jsonl": string;
                    readonly "text/csv": string;
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ImportKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ImportKey"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1Imports: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/vnd.towpath.project": string;
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownImport"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Me: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Myself"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1MeCan: {
        readonly parameters: {
            readonly query: {
                /** @description The Project. */
                readonly project: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MyRights"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1MeInbox: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page, 20 if not given. */
                readonly limit?: number;
                /** @description What waits in this Project alone. */
                readonly project?: string;
                /** @description Part of the name of a Stage or its Project. */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Inbox"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1MeSessions: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OwnSessions"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteTowpathV1MeSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EndedSessions"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteTowpathV1MeSessionsByName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It was done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1MeTokens: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
                /** @description Part of a name, in upper or lower case: only what has it is listed. */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OwnTokens"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1MeTokens: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedToken"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteTowpathV1MeTokensByName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It was done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1MeViews: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
                /** @description Part of a name, in upper or lower case: only what has it is listed. */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Views"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly putTowpathV1MeViewsByName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedView"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["View"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteTowpathV1MeViewsByName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It was done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1OpenapiJson: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": Record<string, never>;
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Overview: {
        readonly parameters: {
            readonly query?: {
                /** @description Only where something came within so many seconds. */
                readonly changed?: number;
                /** @description Of the answer before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description A label selector. */
                readonly labels?: string;
                /** @description Projects of one answer, 200 by default. */
                readonly limit?: number;
                /** @description Part of a Project's name. */
                readonly q?: string;
                /** @description A role that one of its cells has. */
                readonly state?: "ok" | "none" | "run" | "wait" | "held" | "fail";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Overview"] | components["schemas"]["ChosenOverview"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectAnalysisRunsByNameExplain: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RunProgress"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectBoard: {
        readonly parameters: {
            readonly query?: {
                /** @description A moment, RFC 3339: what was where then. */
                readonly at?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Board"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectCompare: {
        readonly parameters: {
            readonly query: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: number;
                /** @description In which form `notes` are wanted, too. */
                readonly format?: "text" | "markdown" | "json";
                /** @description `freight/NAME`, `stage/NAME`, or a name that only one of them has. */
                readonly from: string;
                /** @description How many commits, at most 100; all where it is not said. */
                readonly limit?: number;
                /** @description The same. */
                readonly to: string;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownComparison"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectCredentialsExplain: {
        readonly parameters: {
            readonly query: {
                /** @description What it is. */
                readonly type: "git" | "helm" | "image";
                /** @description Address of the repository. */
                readonly url: string;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ServingCredentials"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectDebt: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those that lack what they should have. */
                readonly owed?: boolean;
                /** @description Only stays in this Stage. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Debt"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedExport"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.towpath.project": string;
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectFreeze: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownFreeze"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectFreeze: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedFreeze"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownFreeze"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteTowpathV1ProjectsByProjectFreeze: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownFreeze"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectFreightByNameAttached: {
        readonly parameters: {
            readonly query?: {
                /** @description Only what has this artifact type. */
                readonly artifactType?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FreightAttached"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectHookrunsByNameLog: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Log"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectLens: {
        readonly parameters: {
            readonly query: {
                /** @description Name or alias. */
                readonly freight: string;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lens"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectLine: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StageLine"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectMoves: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedMove"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MovesMade"];
                };
            };
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MovesMade"];
                };
            };
            /** @description The answer. */
            readonly 207: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MovesMade"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectPlan: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedPlan"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MadePlan"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPlanById: {
        readonly parameters: {
            readonly query?: {
                /** @description Only this Stage of the plan, with all there is to tell of it. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SummedPlan"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPlanByIdFile: {
        readonly parameters: {
            readonly query?: {
                /** @description Which file, by its id, where several have the path. */
                readonly id?: string;
                /** @description Which file, by its path. */
                readonly path?: string;
                /** @description Only this Stage of the plan, with all there is to tell of it. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SummedFileHunks"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPlansById: {
        readonly parameters: {
            readonly query?: {
                /** @description Which Stage, of a plan for several. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownPlan"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPlansByIdFilesByFile: {
        readonly parameters: {
            readonly query?: {
                /** @description Which Stage, of a plan for several. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly file: string;
                readonly id: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PlannedFile"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPlansByIdObjectsByObject: {
        readonly parameters: {
            readonly query?: {
                /** @description Which Stage, of a plan for several. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly object: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PlannedObject"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectPlansByIdPromote: {
        readonly parameters: {
            readonly query?: {
                /** @description Which Stage, of a plan for several. */
                readonly stage?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["io.akuity.kargo.v1alpha1.Promotion"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPromotionsByName: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PromotionView"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPromotionsByNameExplain: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExplainedPromotion"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPromotionsByNameLog: {
        readonly parameters: {
            readonly query?: {
                /** @description The `rev` of an answer that is known already. */
                readonly after?: number;
                /** @description Which line is the first, from 0. */
                readonly from?: number;
                /** @description How many lines, all by default. */
                readonly limit?: number;
                /** @description Seconds to wait for what comes after that, at most 60. */
                readonly wait?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Log"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPromotionsByNamePlan: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownOutcome"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectPromotionsByNameRetry: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["WantedRetry"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["io.akuity.kargo.v1alpha1.Promotion"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectPromotionsByNameStepsByStep: {
        readonly parameters: {
            readonly query?: {
                /** @description How many bytes, 65,536 by default, at most 1 MiB. */
                readonly limit?: number;
                /** @description From which byte on. */
                readonly offset?: number;
                /** @description `config`, `output` (as without it) or `message`. */
                readonly part?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
                readonly step: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownStepPart"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectRemove: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RemovedProject"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectStagesByNameExplain: {
        readonly parameters: {
            readonly query?: {
                /** @description Which Freight, by name or alias; else the newest of each origin. */
                readonly freight?: string;
                /** @description `shut`: leave out the gates that are open. */
                readonly only?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExplainedStage"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectStagesByNameHistory: {
        readonly parameters: {
            readonly query?: {
                /** @description As of when (RFC 3339). */
                readonly at?: string;
                /** @description What is told of. */
                readonly of?: "freight" | "promotions" | "approvals" | "verifications";
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownHistory"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectWarehousesByNameExplain: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExplainedWarehouse"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectWarehousesByNameExplain: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly name: string;
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": Record<string, never>;
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExplainedWarehouse"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectWebhooks: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
                /** @description Part of a name, in upper or lower case: only what has it is listed. */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ToldWebhookReceivers"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1ProjectsByProjectWebhooksByReceiverReceipts: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly project: string;
                readonly receiver: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookReceipts"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1ProjectsByProjectWebhooksByReceiverTest: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly project: string;
                readonly receiver: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["TriedWebhook"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookTrial"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Search: {
        readonly parameters: {
            readonly query: {
                /** @description How a name, alias, tag, version, digest, commit, issue or actor begins; upper and lower case are one. */
                readonly q: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SearchHits"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ShownCaller"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1Session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignIn"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BegunSession"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly deleteTowpathV1Session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It was done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1SessionOidc: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WayBack"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProvidersPage"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Stream: {
        readonly parameters: {
            readonly query: {
                /** @description The smallest `rev` of the documents that are shown. */
                readonly after?: number;
                /** @description overview, inbox, board:PROJECT, promotion:PROJECT/NAME, with commas between them. */
                readonly topics: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1Webhooks: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
                /** @description Part of a name, in upper or lower case: only what has it is listed. */
                readonly q?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ToldWebhookReceivers"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly getTowpathV1WebhooksByReceiverReceipts: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on: the `cursor` of the page before. */
                readonly cursor?: string;
                /** @description Of each item only these; all if not given. */
                readonly fields?: readonly string[];
                /** @description Items of one page: 500 at most, and if not given. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly receiver: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookReceipts"] | components["schemas"]["ChosenItems"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    readonly postTowpathV1WebhooksByReceiverTest: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly receiver: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["TriedWebhook"];
            };
        };
        readonly responses: {
            /** @description The answer. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookTrial"];
                };
            };
            /** @description It was refused, or it failed. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
